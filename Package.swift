// swift-tools-version: 6.2

import PackageDescription

// The targets are the walls of the architecture (docs/architecture.md, section 1): a module may import only what it
// names here. Tests/ArchitectureTests reads the import lines for what the compiler's flag misses.

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let tls: [Target.Dependency] = [
    .product(name: "NIOTLS", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let certificates: [Target.Dependency] = [
    .product(name: "Crypto", package: "swift-crypto"),
    .product(name: "CryptoExtras", package: "swift-crypto"),
    .product(name: "SwiftASN1", package: "swift-asn1"),
    .product(name: "X509", package: "swift-certificates"),
]
let http2: [Target.Dependency] = [
    .product(name: "NIOHPACK", package: "swift-nio-http2"),
    .product(name: "NIOHTTP2", package: "swift-nio-http2"),
]
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let http1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "elblab",
    products: [
        .executable(name: "elblab", targets: ["elblab"]),
        .executable(name: "elblab-bench", targets: ["elblab-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift.git", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.0", traits: []),
    ],
    targets: [
        // Ring 0 and 1: values, codecs and decisions. No input or output.
        .target(name: "ELBModel"),
        .target(name: "ELBWire", dependencies: ["ELBModel"]),
        .target(name: "ELBCore", dependencies: ["ELBModel", "ELBWire"]),
        .target(name: "ELBControlAPI", dependencies: ["ELBModel", yams]),

        // Ring 2: plumbing.
        .target(name: "CSockets"),
        .target(
            name: "ELBNet",
            dependencies: ["CSockets", "ELBModel", "ELBWire", "ELBCore", logging] + nio + tls + http2 + certificates
        ),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // Ring 3: the balancer's shells, the fleet, and the judge that sees neither.
        .target(
            name: "ELBHTTPProxy",
            dependencies: ["ELBModel", "ELBWire", "ELBCore", "ELBNet", logging] + nio + tls + http2
        ),
        .target(
            name: "ELBStreamProxy",
            dependencies: ["ELBModel", "ELBWire", "ELBCore", "ELBNet", logging] + nio + tls
        ),
        .target(
            name: "ELBControlPlane",
            dependencies: ["ELBModel", "ELBCore", "ELBControlAPI", hummingbird, logging]
        ),
        .target(
            name: "ELBFleet",
            dependencies: ["ELBModel", http1, subprocess] + nio + tls + http2 + certificates
        ),
        .target(name: "ELBConformance", dependencies: ["CSockets", "ELBModel", "ELBFleet", "CCurl", subprocess, yams]),

        // Ring 4: teaching.
        .target(
            name: "ELBLessons",
            dependencies: ["ELBModel", "ELBControlAPI", "ELBConformance", subprocess, yams]
        ),

        // Ring 5: the programs.
        .executableTarget(
            name: "elblab",
            dependencies: [
                "CSockets", "ELBModel", "ELBCore", "ELBControlAPI", "ELBNet", "ELBHTTPProxy", "ELBStreamProxy",
                "ELBControlPlane", "ELBFleet", "ELBConformance", "ELBLessons", argumentParser, histogram, logging,
                subprocess,
            ] + nio
        ),
        // Stands in front of malloc to count, so nothing but the benchmark may link it.
        .target(name: "CAllocationCount"),
        .executableTarget(
            name: "elblab-bench",
            dependencies: [
                "CAllocationCount", "ELBModel", "ELBWire", "ELBCore", "ELBNet", "ELBHTTPProxy", "ELBStreamProxy",
                "ELBFleet", argumentParser, logging, subprocess,
            ] + nio
        ),

        .target(name: "ELBTestSupport", path: "Tests/ELBTestSupport"),
        .testTarget(name: "ELBModelTests", dependencies: ["ELBModel"]),
        .testTarget(name: "ELBWireTests", dependencies: ["ELBWire"]),
        .testTarget(name: "ELBCoreTests", dependencies: ["ELBCore", "ELBModel", "ELBWire"]),
        .testTarget(name: "ELBControlAPITests", dependencies: ["ELBControlAPI", "ELBModel"]),
        .testTarget(
            name: "ELBNetTests",
            dependencies: ["ELBNet", "ELBModel", "ELBCore", "ELBFleet"] + nio + tls + certificates
        ),
        .testTarget(
            name: "ELBHTTPProxyTests",
            dependencies: [
                "ELBHTTPProxy", "ELBStreamProxy", "ELBNet", "ELBCore", "ELBModel", "ELBFleet", "ELBConformance",
            ] + nio + certificates
        ),
        .testTarget(
            name: "ELBStreamProxyTests",
            dependencies: [
                "ELBStreamProxy", "ELBHTTPProxy", "ELBNet", "ELBCore", "ELBModel", "ELBFleet", "ELBConformance",
            ]
                + nio
        ),
        .testTarget(
            name: "ELBControlPlaneTests",
            dependencies: ["ELBControlPlane", "ELBControlAPI", "ELBModel", "ELBCore", "ELBNet", logging]
        ),
        .testTarget(name: "ELBFleetTests", dependencies: ["ELBFleet", "ELBModel"] + nio),
        .testTarget(name: "ELBConformanceTests", dependencies: ["ELBConformance", "ELBFleet", "ELBModel"]),
        .testTarget(name: "ELBLessonsTests", dependencies: ["ELBLessons", "ELBConformance", "ELBModel"]),
        .testTarget(name: "ProgramTests", dependencies: ["ELBModel", subprocess]),
        .testTarget(name: "ArchitectureTests"),
    ]
)

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableExperimentalFeature("Lifetimes"),
    ]
    // A newer compiler's new warning must not stop a learner's build; it must stop ours.
    + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

for target in package.targets where target.type != .system {
    target.swiftSettings = swiftSettings
    if target.type == .test { target.dependencies.append("ELBTestSupport") }
}
