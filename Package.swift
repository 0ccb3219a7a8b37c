// swift-tools-version: 6.2
import PackageDescription

// The layers from bottom to top; an arrow may only point down. `ops/lint` refuses an import that does not.

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ layer: String, _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)", resources: resources, swiftSettings: house)
}

func tests(_ folder: String, _ dependencies: [Target.Dependency]) -> Target {
    let name = String(folder.split(separator: "/").last ?? "")
    return .testTarget(name: name, dependencies: dependencies, path: "Tests/\(folder)", swiftSettings: house)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let kernel: [Target.Dependency] = ["Vocabulary", "EventSourcing", "Domain"]

let c: [Target] = [
    system("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
    system("CNATS", pkgConfig: "libnats", apt: "libnats-dev"),
    system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    system("CJavaScriptCore", pkgConfig: "javascriptcoregtk-4.1", apt: "libjavascriptcoregtk-4.1-dev"),
    .target(name: "CLinux", path: "Sources/C/CLinux"),
    .target(name: "CSandbox", path: "Sources/C/CSandbox", linkerSettings: [.linkedLibrary("seccomp")]),
]

let drivers: [Target] = [
    library("Drivers", "DriverThreads", ["CLinux"]),
    library("Drivers", "Cryptography", ["CCrypto"]),
    library("Drivers", "PostgresDriver", ["CPostgres", "DriverThreads"]),
    library("Drivers", "NATSDriver", ["CNATS", "DriverThreads", logging]),
    library("Drivers", "HTTPClientDriver", ["CCurl", "DriverThreads"]),
    library("Drivers", "LocalServers", ["DriverThreads", logging]),
    library("Drivers", "SandboxProtocol"),
    library("Drivers", "SandboxDriver", ["Cryptography", "DriverThreads", "SandboxProtocol"]),
]

let kernelTargets: [Target] = [
    library("Kernel", "Vocabulary"),
    library("Kernel", "EventSourcing", ["Vocabulary"]),
    library("Kernel", "Domain", ["Vocabulary"]),
]

let path: [Target] = [
    library("Path", "EventLog", kernel + ["PostgresDriver", "Cryptography", "DriverThreads", logging], resources: [.embedInCode("Schema")]),
    library("Path", "Cluster", kernel + ["NATSDriver", logging]),
    library("Path", "Ingress", kernel + ["Cryptography", logging]),
    library("Path", "Relay", kernel + ["NATSDriver", logging]),
    library("Path", "Routing", kernel + ["Cryptography"]),
    library("Path", "Runs", kernel + ["SandboxDriver", "Cryptography"]),
    library("Path", "Erasure", kernel),
    library("Path", "Placement", kernel + ["Cryptography"]),
    library("Path", "Delivery", kernel + ["HTTPClientDriver", "Cryptography"]),
    library("Path", "Projections", kernel + ["PostgresDriver", "Cryptography", logging]),
]

let surface: [Target] = [
    library(
        "Surface", "HTTPAPI",
        kernel + [
            "Ingress", "Erasure", "Placement", "Projections", "PostgresDriver", "Cryptography", hummingbird, httpTypes, nioCore, nioPosix, lifecycle,
            logging,
        ],
        resources: [.embedInCode("OpenAPI/openapi.yaml")]),
    library(
        "Surface", "CommandLineTool",
        kernel + ["HTTPClientDriver", "SandboxDriver", "DriverThreads", "Cryptography", "Runs", "Delivery", arguments]),
]

let executables: [Target] = [
    .executableTarget(
        name: "fastn",
        dependencies: kernel + [
            "DriverThreads", "Cryptography", "PostgresDriver", "NATSDriver", "HTTPClientDriver", "LocalServers", "SandboxDriver",
            "EventLog", "Cluster", "Ingress", "Relay", "Routing", "Runs", "Erasure", "Placement", "Delivery", "Projections", "HTTPAPI",
            "CommandLineTool", "fastn-sandbox", logging, lifecycle, signals, arguments,
        ], path: "Sources/fastn", swiftSettings: house),
    .executableTarget(
        name: "fastn-sandbox", dependencies: ["CJavaScriptCore", "CSandbox", "SandboxProtocol"], path: "Sources/fastn-sandbox",
        resources: [.embedInCode("Prelude")], swiftSettings: house),
    // For `make bench` alone; no product has it.
    .executableTarget(
        name: "fastn-bench", dependencies: kernel + ["EventLog", "Cryptography", logging], path: "Sources/fastn-bench", swiftSettings: house),
]

let testKit: [Target] = [
    library("TestKit", "BuildProducts"),
    library("TestKit", "DeciderSpec", ["Vocabulary"]),
    library("TestKit", "PostgresTestKit", ["PostgresDriver", "DriverThreads"]),
    library("TestKit", "EventStoreConformance", ["Vocabulary", "EventSourcing"]),
    library("TestKit", "SnapshotStoreConformance", ["Vocabulary", "EventSourcing"]),
    library("TestKit", "EventBusConformance", ["Vocabulary", "EventSourcing"]),
    library("TestKit", "PipelineTestKit", kernel),
    library("TestKit", "LoopbackHTTPServer", ["DriverThreads"]),
    library("TestKit", "ProcessTestKit", ["DriverThreads", "BuildProducts"]),
    library("TestKit", "ReplicaTestKit", ["ProcessTestKit", "PostgresDriver", "DriverThreads", "LocalServers"]),
    library(
        "TestKit", "ServerTestKit",
        ["ProcessTestKit", "Vocabulary", "Cryptography", "HTTPClientDriver", "PostgresDriver", "DriverThreads"]),
]

let testTargets: [Target] = [
    tests("Kernel/VocabularyTests", ["Vocabulary"]),
    tests("Kernel/DomainTests", ["Vocabulary", "Domain", "DeciderSpec"]),
    tests("Kernel/EventSourcingTests", kernel + ["EventStoreConformance", "SnapshotStoreConformance"]),
    tests("Drivers/CryptographyTests", ["Cryptography"]),
    tests("Drivers/PostgresDriverTests", ["PostgresDriver", "PostgresTestKit", "DriverThreads"]),
    tests("Drivers/NATSDriverTests", ["NATSDriver", "LocalServers", logging]),
    tests("Drivers/HTTPClientDriverTests", ["HTTPClientDriver", "LoopbackHTTPServer"]),
    tests("Drivers/LocalServersTests", ["LocalServers", logging]),
    tests("Drivers/SandboxProtocolTests", ["SandboxProtocol"]),
    tests("Drivers/SandboxDriverTests", ["SandboxDriver", "SandboxProtocol", "CSandbox", "BuildProducts", "fastn-sandbox"]),
    tests(
        "Path/EventLogTests",
        kernel + [
            "EventLog", "EventStoreConformance", "SnapshotStoreConformance", "PostgresDriver", "PostgresTestKit", "DriverThreads",
            "Cryptography", "ReplicaTestKit", "ProcessTestKit", logging,
        ]),
    tests("Path/ClusterTests", kernel + ["Cluster", "EventStoreConformance", "NATSDriver", "LocalServers", logging]),
    tests("Path/IngressTests", kernel + ["Ingress", "Cryptography", "PipelineTestKit", logging]),
    tests("Path/RelayTests", kernel + ["Relay", "EventBusConformance", "PipelineTestKit", "NATSDriver", "LocalServers", logging]),
    tests("Path/RoutingTests", kernel + ["Routing", "Relay", "Ingress", "PipelineTestKit", "Cryptography", logging]),
    tests("Path/RunsTests", kernel + ["Runs", "SandboxDriver", "BuildProducts", "fastn-sandbox"]),
    tests("Path/ErasureTests", kernel + ["Erasure", "PipelineTestKit"]),
    tests("Path/PlacementTests", kernel + ["Placement", "PipelineTestKit"]),
    tests("Path/DeliveryTests", kernel + ["Delivery", "HTTPClientDriver", "LoopbackHTTPServer"]),
    tests("Path/ProjectionsTests", kernel + ["Projections", "PostgresDriver", "PostgresTestKit", "PipelineTestKit", logging]),
    tests(
        "Surface/HTTPAPITests",
        kernel + [
            "HTTPAPI", "Ingress", "Erasure", "Placement", "Projections", "Cryptography", "PostgresDriver", "PostgresTestKit", "PipelineTestKit",
            "DriverThreads", yams, logging,
        ]),
    tests(
        "Surface/CommandLineToolTests",
        kernel + [
            "CommandLineTool", "DriverThreads", "LoopbackHTTPServer", "BuildProducts", "ProcessTestKit", "fastn", "fastn-sandbox", arguments,
        ]),
    tests(
        "EndToEnd",
        [
            "ServerTestKit", "ProcessTestKit", "ReplicaTestKit", "LoopbackHTTPServer", "Vocabulary", "EventSourcing", "EventLog", "Cryptography",
            "PostgresDriver", "DriverThreads", "fastn", "fastn-sandbox", logging,
        ]),
    // Apart, since each of its tests has three servers.
    tests("EndToEndCluster", ["ServerTestKit", "ProcessTestKit", "LoopbackHTTPServer", "Vocabulary", "fastn", "fastn-sandbox"]),
]

let package = Package(
    name: "fastn",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "fastn", targets: ["fastn"]), .executable(name: "fastn-sandbox", targets: ["fastn-sandbox"])],
    dependencies: [
        // Traits off: the server needs neither full Foundation nor a configuration library from it.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: c + drivers + kernelTargets + path + surface + executables + testKit + testTargets
)
