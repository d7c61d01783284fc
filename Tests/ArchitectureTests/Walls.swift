/// What a module may import: the table of docs/architecture.md, section 1, as data.
struct Wall: Sendable {
    let module: String
    let ring: Int
    let ours: Set<String>
    let others: Set<String>

    private init(_ module: String, ring: Int, ours: Set<String>, others: Set<String>) {
        self.module = module
        self.ring = ring
        self.ours = ours
        self.others = others
    }

    static let all: [Wall] = [
        Wall("ELBModel", ring: 0, ours: [], others: []),
        Wall("ELBWire", ring: 1, ours: ["ELBModel"], others: []),
        Wall("ELBCore", ring: 1, ours: ["ELBModel", "ELBWire"], others: []),
        Wall("ELBControlAPI", ring: 1, ours: ["ELBModel"], others: ["FoundationEssentials", "Yams"]),
        Wall(
            "ELBNet",
            ring: 2,
            ours: ["CSockets", "ELBModel", "ELBWire", "ELBCore"],
            others: system.union(nio).union(tls).union(http2).union(certificates).union(["Logging"])
        ),
        Wall(
            "ELBHTTPProxy",
            ring: 3,
            ours: ["ELBModel", "ELBWire", "ELBCore", "ELBNet"],
            others: system.union(nio).union(tls).union(http2).union(["Logging"])
        ),
        Wall(
            "ELBStreamProxy",
            ring: 3,
            ours: ["ELBModel", "ELBWire", "ELBCore", "ELBNet"],
            others: system.union(nio).union(tls).union(["Logging"])
        ),
        Wall(
            "ELBControlPlane",
            ring: 3,
            ours: ["ELBModel", "ELBCore", "ELBControlAPI"],
            others: system.union(["Hummingbird", "Logging"])
        ),
        Wall(
            "ELBFleet",
            ring: 3,
            ours: ["ELBModel"],
            others: system.union(nio).union(tls).union(http2).union(certificates).union(["NIOHTTP1", "Subprocess"])
        ),
        Wall(
            "ELBConformance",
            ring: 3,
            ours: ["CSockets", "ELBModel", "ELBFleet", "CCurl"],
            others: system.union(["Subprocess", "Yams"])
        ),
        Wall(
            "ELBLessons",
            ring: 4,
            ours: ["ELBModel", "ELBControlAPI", "ELBConformance"],
            others: system.union(["Subprocess", "Yams"])
        ),
        Wall("elblab", ring: 5, ours: libraries.union(["CSockets"]), others: anything),
        Wall("elblab-bench", ring: 5, ours: libraries.union(["CAllocationCount"]), others: anything),
    ]

    /// What the operating system (by any of its names) and Swift's own toolchain bring. Foundation itself stays out: it
    /// costs every start.
    private static let system: Set<String> = [
        "Darwin", "Dispatch", "FoundationEssentials", "Glibc", "Musl", "Synchronization",
    ]
    private static let nio: Set<String> = ["NIOCore", "NIOPosix"]
    private static let tls: Set<String> = ["NIOSSL", "NIOTLS"]
    private static let http2: Set<String> = ["NIOHPACK", "NIOHTTP2"]
    private static let certificates: Set<String> = ["Crypto", "CryptoExtras", "SwiftASN1", "X509"]
    private static let libraries: Set<String> = [
        "ELBModel", "ELBWire", "ELBCore", "ELBControlAPI", "ELBNet", "ELBHTTPProxy", "ELBStreamProxy",
        "ELBControlPlane",
        "ELBFleet", "ELBConformance", "ELBLessons",
    ]
    private static let anything = system.union(nio).union(["ArgumentParser", "Histogram", "Logging", "Subprocess"])
}
