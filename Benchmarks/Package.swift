// swift-tools-version: 6.2
import PackageDescription

// Measurements of the program from outside; a package of its own, so that who uses the libraries does not build it.
let package = Package(
    name: "announce-benchmarks",
    dependencies: [
        .package(name: "announce", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .target(name: "CAllocations"),
        .executableTarget(
            name: "recurrence",
            dependencies: ["CAllocations", .product(name: "Recurrence", package: "announce")],
            path: "Sources/Recurrence"
        ),
        .executableTarget(
            name: "emit",
            dependencies: [
                .product(name: "SocketIOEmitter", package: "announce"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Emit"
        ),
        .executableTarget(
            name: "measure",
            dependencies: [
                .product(name: "SocketIOEmitter", package: "announce"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Sources/Measure"
        ),
    ],
    swiftLanguageModes: [.v6]
)
