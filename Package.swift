// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house and the arrows between them: docs/ARCHITECTURE.md draws them, .ci/graph holds them.
let package = Package(
    name: "announce",
    products: [
        .executable(name: "announce", targets: ["AnnounceCLI"]),
        .library(name: "Announce", targets: ["Announce"]),
        .library(name: "Recurrence", targets: ["Recurrence"]),
        .library(name: "SocketIOEmitter", targets: ["SocketIOEmitter"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "Recurrence"),
        .target(name: "Payload"),
        .target(
            name: "Announce",
            dependencies: [
                "Payload",
                "Recurrence",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "AnnounceSQLite",
            dependencies: [
                "Announce",
                "CSQLite",
                "Payload",
                "Recurrence",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            resources: [.embedInCode("Migrations")]
        ),
        .target(
            name: "SocketIOEmitter",
            dependencies: [
                "CHiredis",
                "Payload",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .executableTarget(
            name: "AnnounceCLI",
            dependencies: [
                "Announce",
                "AnnounceSQLite",
                "CMalloc",
                "Payload",
                "Recurrence",
                "SocketIOEmitter",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(
            name: "AnnounceTestKit",
            dependencies: [
                "Announce", "Recurrence", "Payload", "SocketIOEmitter", .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/AnnounceTestKit"
        ),
        .executableTarget(
            name: "Simulation",
            dependencies: [
                "Announce", "AnnounceSQLite", "AnnounceTestKit", "Payload", "Recurrence",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/Simulation"
        ),
        .testTarget(name: "RecurrenceTests", dependencies: ["Recurrence"], resources: [.copy("Fixtures")]),
        .testTarget(name: "PayloadTests", dependencies: ["Payload"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "AnnounceTests",
            dependencies: [
                "Announce", "AnnounceSQLite", "AnnounceTestKit", "Simulation",
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Mustache", package: "swift-mustache"),
            ]
        ),
        .testTarget(name: "AnnounceSQLiteTests", dependencies: ["AnnounceSQLite", "AnnounceTestKit"]),
        .testTarget(
            name: "SocketIOEmitterTests",
            dependencies: [
                "SocketIOEmitter",
                "AnnounceTestKit",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.copy("Fixtures")]
        ),
        .testTarget(
            name: "AnnounceCLITests",
            dependencies: [
                "Announce", "AnnounceCLI", "AnnounceSQLite", "AnnounceTestKit", "Payload", "Recurrence",
                "SocketIOEmitter",
            ],
            resources: [.copy("Fixtures")]
        ),
    ],
    swiftLanguageModes: [.v6]
)
