import ELBTestSupport
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Sending load` {
    private struct Report: Decodable {
        struct Latency: Decodable {
            let p50: Double
            let p90: Double
            let p99: Double
            let maximum: Double
        }

        let requests: Int
        let answered: Int
        let failed: Int
        let seconds: Double
        let connectionsOpened: Int
        let latencyMilliseconds: Latency?
        let statuses: [String: Int]
        let errors: [String: Int]
        let targets: [String: Int]
    }

    private func load(_ url: String, _ arguments: String...) async throws -> (code: Int32, report: Report) {
        let outcome = try await Program.run(["load", url, "--json", "--quiet"] + arguments)
        return (outcome.code, try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)))
    }

    @Test func `counts answers by status and by target, and ends with 1 when one is 500 or above`() async throws {
        _ = try await RunningFleet.run("--count", "1", "--type", "lab.unlimited") { fleet, address in
            let good = try await self.load("http://\(address):8080/", "--requests", "20", "--connections", "4")
            #expect(good.code == 0)
            #expect((good.report.requests, good.report.answered, good.report.failed) == (20, 20, 0))
            #expect(good.report.statuses == ["200": 20])
            #expect(good.report.targets == ["web-a1": 20])
            #expect((1...4).contains(good.report.connectionsOpened))
            _ = try await fleet.tell("fail", "--status", "404", "--times", "2")
            let missing = try await self.load("http://\(address):8080/", "--requests", "5")
            #expect(missing.code == 0 && missing.report.statuses == ["200": 3, "404": 2])
            _ = try await fleet.tell("fail", "--status", "503", "--after", "3", "--times", "1")
            let bad = try await self.load("http://\(address):8080/", "--requests", "5")
            #expect(bad.code == 1 && bad.report.statuses == ["200": 4, "503": 1])
            #expect(bad.report.targets == ["web-a1": 5])
            _ = try await fleet.tell("reset", "--times", "1")
            let broken = try await self.load("http://\(address):8080/", "--requests", "3", "--connections", "1")
            #expect(broken.code == 1 && broken.report.failed == 1 && broken.report.statuses == ["200": 2])
        }
    }

    @Test func `measures what the backend took`() async throws {
        _ = try await RunningFleet.run("--count", "1", "--type", "lab.unlimited") { fleet, address in
            _ = try await fleet.tell("slow", "--by", "400", "--after", "5", "--times", "1")
            let load = try await self.load("http://\(address):8080/?elb-delay=40", "--requests", "10")
            let latency = try #require(load.report.latencyMilliseconds)
            // Nothing answers before its delay; a busy machine may add any time to that.
            #expect(latency.p50 >= 40 && latency.p50 <= latency.p90)
            #expect(latency.p90 <= latency.p99 && latency.p99 <= latency.maximum)
            #expect(latency.maximum >= 440)
            #expect(latency.maximum <= load.report.seconds * 1000 * 1.01)
        }
    }

    @Test func `has no latencies without answers, and ends with 1`() async throws {
        let load = try await self.load("http://\(LoopbackPlace.next()):1/", "--requests", "3")
        #expect(load.code == 1)
        #expect((load.report.answered, load.report.failed) == (0, 3))
        #expect(load.report.latencyMilliseconds == nil)
        #expect(load.report.errors == ["connectionRefused": 3])
        #expect(load.report.targets.isEmpty && load.report.statuses.isEmpty)
    }

    @Test(arguments: [
        ["https://127.0.0.1/"], ["http://"], ["127.0.0.1"], [],
        ["http://127.0.0.1/", "--requests", "0"],
        ["http://127.0.0.1/", "--connections", "257"],
        ["http://127.0.0.1/", "--rate", "0"],
        ["http://127.0.0.1/", "--rate", "nan"],
        ["http://127.0.0.1/", "--timeout", "0"],
    ])
    func `ends wrong usage with 2`(arguments: [String]) async throws {
        let outcome = try await Program.run(["load"] + arguments)
        #expect(outcome.code == 2)
        #expect(outcome.output.isEmpty && !outcome.error.isEmpty)
    }
}
