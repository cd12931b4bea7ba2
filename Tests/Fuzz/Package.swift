// swift-tools-version: 6.2
import PackageDescription

// The readers of what comes from outside, for libFuzzer; a package of its own, because it is built with another runtime.
let package = Package(
    name: "announce-fuzz",
    dependencies: [
        .package(name: "announce", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .executableTarget(
            name: "fuzz",
            dependencies: [
                .product(name: "SocketIOEmitter", package: "announce"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Sources",
            // libFuzzer brings `main`.
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]
        )
    ],
    swiftLanguageModes: [.v6]
)
