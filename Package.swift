// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house and the arrows between them: docs/ARCHITECTURE.md draws them, .ci/graph holds them.
let package = Package(
    name: "announce",
    products: [
        .library(name: "Recurrence", targets: ["Recurrence"]),
    ],
    targets: [
        .target(name: "Recurrence"),
        .target(name: "Payload"),
        .testTarget(name: "RecurrenceTests", dependencies: ["Recurrence"], resources: [.copy("Fixtures")]),
        .testTarget(name: "PayloadTests", dependencies: ["Payload"], resources: [.copy("Fixtures")]),
    ],
    swiftLanguageModes: [.v6]
)
