// swift-tools-version: 6.2
import PackageDescription

// A package of its own: who uses the libraries does not get Hummingbird with them.
let package = Package(
    name: "announce-example-webserver",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "announce", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .executableTarget(
            name: "shop",
            dependencies: [
                .product(name: "SocketIOEmitter", package: "announce"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            path: "Sources"
        )
    ],
    swiftLanguageModes: [.v6]
)
