import ELBTestSupport
import Testing

@Suite struct `The architecture` {
    @Test func `has a wall around every module, and no module without one`() throws {
        let modules = Set(try SourceTree.files(in: "Sources", endingIn: [".swift"]).map(\.module))
        #expect(modules == Set(Wall.all.map(\.module)))
    }

    @Test(arguments: Wall.all)
    func `lets a module import what its wall allows`(wall: Wall) throws {
        for file in try SourceTree.files(in: "Sources/\(wall.module)", endingIn: [".swift"]) {
            let foreign = Set(file.imports).subtracting(wall.ours).subtracting(wall.others)
            #expect(foreign.isEmpty, "\(file.path) imports \(foreign.sorted())")
        }
    }

    @Test func `keeps the judge apart from what it judges`() throws {
        let balancer: Set = ["ELBWire", "ELBCore", "ELBNet", "ELBHTTPProxy", "ELBStreamProxy", "ELBControlPlane"]
        for module in ["ELBFleet", "ELBConformance"] {
            let wall = try #require(Wall.all.first { $0.module == module })
            #expect(wall.ours.isDisjoint(with: balancer))
        }
    }

    @Test func `points every import of our own to a lower ring, or to a neighbour that looks down`() {
        let rings = Dictionary(uniqueKeysWithValues: Wall.all.map { ($0.module, $0.ring) })
        for wall in Wall.all {
            for other in wall.ours { #expect(rings[other] ?? 0 <= wall.ring, "\(wall.module) imports \(other)") }
        }
    }

    @Test(arguments: Wall.all.filter { $0.ring < 2 })
    func `keeps clocks, chance, tasks and printing out of the rings that decide`(wall: Wall) throws {
        let impure: [(String, Regex<Substring>)] = [
            ("a clock", /\b(?:Date\(|ContinuousClock|SuspendingClock|clock_gettime|\w+\.now\b)/),
            ("chance", /\.random\(|SystemRandomNumberGenerator|\.randomElement\(\)|\.shuffled\(\)/),
            ("a task", /\bTask(?:\.\w+)?(?:\(\))?\s*[{(]|\bTask\.|\bawait\b|\bwithTaskGroup\b/),
            ("printing", /\b(?:print|debugPrint|dump)\(/),
            ("the environment", /\bgetenv\(|ProcessInfo|FileManager/),
        ]
        for file in try SourceTree.files(in: "Sources/\(wall.module)", endingIn: [".swift"]) {
            for line in file.code {
                for (what, pattern) in impure {
                    #expect(!line.text.contains(pattern), "\(file.path):\(line.number) uses \(what)")
                }
            }
        }
    }

    @Test func `never bets on a value: no forced try or cast in the sources`() throws {
        for file in try SourceTree.files(in: "Sources", endingIn: [".swift"]) {
            for line in file.code {
                #expect(!line.text.contains(/\b(?:try|as)!/), "\(file.path):\(line.number)")
            }
        }
    }

    @Test func `tests what a caller can use, so that the release build can be tested as it is`() throws {
        let attribute = "@" + "testable"
        for file in try SourceTree.files(in: "Tests", endingIn: [".swift"]) {
            #expect(!file.code.contains { $0.text.contains(attribute) }, "\(file.path)")
        }
    }

    @Test func `holds no file of more than 500 lines`() throws {
        let swift = [".swift", ".h"]
        for file in try SourceTree.files(in: "Sources", endingIn: swift)
            + SourceTree.files(in: "Tests", endingIn: swift)
        {
            #expect(file.lines.count <= 501, "\(file.path)")
        }
    }

    @Test func `has these things at the top, and no others`() throws {
        let allowed: Set = [
            "Package.swift", "Package.resolved", "Sources", "Tests", "lessons", "fixtures", "docs", "README.md",
            "LICENSE",
            "Makefile",
        ]
        let names = try SourceTree.topLevel().filter { !$0.hasPrefix(".") }
        #expect(Set(names).subtracting(allowed).isEmpty)
        for needed in ["README.md", "LICENSE", "Makefile", ".ci/run", "docs/architecture.md"] {
            #expect(SourceTree.exists(needed), "\(needed)")
        }
    }

    @Test(arguments: ["Sources", "Tests", "docs", "fixtures", "lessons"])
    func `names no path of somebody's machine`(folder: String) throws {
        guard SourceTree.exists(folder) else { return }
        let places = ["work", "root", "home", "tmp", "Users"].joined(separator: "|")
        let pattern = try Regex("(?:^|[\\s\"'(=`])/(?:\(places))/\\w")
        for file in try SourceTree.files(
            in: folder,
            endingIn: [".swift", ".h", ".md", ".yaml", ".yml", ".json", ".sh"]
        )
        // What means harm looks where something may be.
        where !file.path.hasPrefix("fixtures/hostile/") {
            for (index, line) in file.lines.enumerated() {
                #expect(!line.contains(pattern), "\(file.path):\(index + 1): \(line)")
            }
        }
    }
}
