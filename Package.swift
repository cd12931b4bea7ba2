// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house and the arrows between them: docs/ARCHITECTURE.md draws them, .ci/graph holds them.
let package = Package(
    name: "announce",
    products: [
        .library(name: "Announce", targets: ["Announce"]),
        .library(name: "Recurrence", targets: ["Recurrence"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "Recurrence"),
        .target(name: "Payload"),
        .target(
            name: "Announce",
            dependencies: [
                "Payload",
                "Recurrence",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "AnnounceSQLite",
            dependencies: ["Announce", "Payload", "Recurrence", .product(name: "GRDB", package: "GRDB.swift")],
            resources: [.embedInCode("Migrations")]
        ),
        .target(
            name: "AnnounceTestKit",
            dependencies: ["Announce", "Recurrence", "Payload"],
            path: "Tests/AnnounceTestKit"
        ),
        .testTarget(name: "RecurrenceTests", dependencies: ["Recurrence"], resources: [.copy("Fixtures")]),
        .testTarget(name: "PayloadTests", dependencies: ["Payload"], resources: [.copy("Fixtures")]),
        .testTarget(name: "AnnounceTests", dependencies: ["Announce", "AnnounceSQLite", "AnnounceTestKit"]),
        .testTarget(name: "AnnounceSQLiteTests", dependencies: ["AnnounceSQLite", "AnnounceTestKit"]),
    ],
    swiftLanguageModes: [.v6]
)
