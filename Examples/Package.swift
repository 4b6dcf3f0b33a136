// swift-tools-version: 6.2
// Programs that use the library as anybody would: by a path, and `import Leibrix`.
//
//     swift run --package-path Examples Trades
import PackageDescription

let package = Package(
    name: "LeibrixExamples",
    dependencies: [.package(name: "Leibrix", path: "..")],
    targets: ["Trades", "FraudDetection", "IoT"].map { name in
        .executableTarget(name: name, dependencies: [.product(name: "Leibrix", package: "Leibrix")], path: "Sources/\(name)")
    }
)
