// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is compiled with: see docs/house rules in CONTRIBUTING.md.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK: Target.Dependency = .product(name: "NIOHPACK", package: "swift-nio-http2")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "hauban",
    products: [
        .executable(name: "hauban", targets: ["hauban"])
    ],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        .target(name: "CLinux"),
        .target(name: "Spec", dependencies: [yams], swiftSettings: strict),
        .target(name: "Planning", dependencies: ["Spec"], swiftSettings: strict),
        .target(name: "Response", dependencies: ["Spec"], swiftSettings: strict),
        .target(
            name: "World",
            dependencies: [
                "CLinux", "Spec", asyncHTTPClient, nioCore, nioHTTP1, nioSSL, crypto, subprocess, systemPackage,
            ],
            swiftSettings: strict),
        .target(
            name: "FrontDoor",
            dependencies: ["CLinux", nioCore, nioPosix, nioHTTP1, nioHTTP2, nioHPACK, nioSSL, nioTLS, histogram],
            swiftSettings: strict),
        .target(
            name: "Delivery", dependencies: ["CLinux", "Planning", "Spec", "World", "FrontDoor", grdb],
            swiftSettings: strict),
        .target(
            name: "ControlPlane",
            dependencies: [
                "Response", "Spec", "World", "FrontDoor", nioCore, nioPosix, nioSSL, crypto, cryptoExtras, grdb,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "hauban",
            dependencies: [
                "Spec", "Planning", "Response", "World", "FrontDoor", "Delivery", "ControlPlane", argumentParser,
            ],
            swiftSettings: strict),
        .target(name: "TestKit", dependencies: ["Spec", "World"], swiftSettings: strict),
        .target(name: "DoorKit", dependencies: ["FrontDoor", nioCore, nioEmbedded], swiftSettings: strict),

        .testTarget(
            name: "SpecTests", dependencies: ["Spec", "TestKit"], exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "PlanningTests", dependencies: ["Planning", "Spec", "TestKit"], exclude: ["Golden"],
            swiftSettings: strict),
        .testTarget(name: "ResponseTests", dependencies: ["Response", "Spec", "TestKit"], swiftSettings: strict),
        .testTarget(name: "WorldTests", dependencies: ["World", "Spec", "TestKit"], swiftSettings: strict),
        .testTarget(
            name: "FrontDoorTests",
            dependencies: [
                "FrontDoor", "DoorKit", "World", nioCore, nioPosix, nioHTTP1, nioHTTP2, nioHPACK, nioSSL, nioEmbedded,
                subprocess,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DeliveryTests",
            dependencies: ["Delivery", "Planning", "Spec", "World", "FrontDoor", "TestKit", grdb],
            swiftSettings: strict),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "ControlPlane", "Response", "Spec", "World", "TestKit", nioCore, nioPosix, nioSSL, crypto, grdb,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["hauban", "Spec", "Response", "World", "Delivery", "Planning", "TestKit", grdb],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// `make fuzz` only: libFuzzer brings its own main, so an ordinary build cannot link it. What is fuzzed is built with it too,
// so that the fuzzer sees which code an input reaches.
if Context.environment["HAUBAN_FUZZ"] == "1" {
    let fuzzed = strict + [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])]
    let link: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
    for target in package.targets where ["Spec", "Planning", "FrontDoor", "DoorKit"].contains(target.name) {
        target.swiftSettings = fuzzed
    }
    package.targets += [
        .executableTarget(
            name: "FuzzSpec", dependencies: ["Spec", "Planning"], path: "Fuzz/FuzzSpec", swiftSettings: fuzzed,
            linkerSettings: link),
        .executableTarget(
            name: "FuzzRequests", dependencies: ["DoorKit"], path: "Fuzz/FuzzRequests", swiftSettings: fuzzed,
            linkerSettings: link),
    ]
}
