import ELBConformance
import ELBModel

/// The share of a server that joins others which are in service already.
package struct SlowStartJudge: Hashable, Sendable {
    package var request: RouteCase.Request
    /// The one that joins.
    package var server: String
    /// One that is there already, in the same group.
    package var neighbour: String
    /// The slow start period in AWS seconds; 0 when the server must have its whole share at once.
    package var seconds: Int

    init(_ reader: YAMLReader) throws {
        try reader.allow(keys: ["request", "server", "neighbour", "seconds"])
        self.request = try reader.optional("request").map { try RouteCase.Request($0) } ?? .init()
        self.server = try reader.required("server").string()
        self.neighbour = try reader.required("neighbour").string()
        self.seconds = try reader.required("seconds").int()
        guard self.seconds == 0 || (30...900).contains(self.seconds) else {
            throw reader.error("a slow start takes 30 to 900 seconds; 0 for none")
        }
    }

    func judge(_ bench: AnswerBench) async throws -> Judgement {
        // Two seconds of real time, enough to count requests in.
        let scale = self.seconds == 0 ? 30 : max(1, self.seconds / 2)
        guard let settings = DetectionJudge.healthCheck(of: bench.topology) else {
            return .uncertain(Message("grade.no-group"))
        }
        return try await bench.repeating {
            try await bench.calmly(
                timeScale: min(scale, 100),
                failingProbes: [self.server: 500]
            ) { try await self.watch($0, failures: settings.unhealthyThresholdCount) }
        }
    }

    private func watch(_ lab: TopologyLab, failures: Int) async throws -> Judgement {
        // Before it has been unhealthy it is one of those that were registered together, and they have no slow start
        // (ALB-SLOW-006).
        let probes = (failures + 1) * lab.loadBalancer.nodes.count
        guard await lab.waitForProbes(at: self.server, count: probes, within: lab.scaled(seconds: 400) + .seconds(5))
        else { return .uncertain(Message("grade.never-probed", ["server": self.server])) }
        let period = Double(self.seconds == 0 ? 60 : self.seconds)
        let begun = await lab.sightings(at: self.server).last?.sequence ?? 0
        try await lab.heal(self.server)
        let limit = lab.scaled(seconds: 400) + .seconds(5)
        let one = try RouteJudge.curl(self.request, lab, id: nil)
        let end = ContinuousClock.now + lab.scaled(seconds: period * 1.4) + limit
        var first: UInt64?
        while ContinuousClock.now < end {
            _ = await lab.curl.performInOrder(Array(repeating: one, count: 8))
            if first == nil {
                first = await lab.sightings(at: self.server, after: begun).first { !$0.isProbe }?.arrivedNanoseconds
            } else if let first, let last = await lab.sightings(at: self.neighbour).last?.arrivedNanoseconds,
                Double(last - min(last, first)) > period * 1.35 / Double(lab.timeScale) * 1e9
            {
                break
            }
        }
        guard let first else { return .uncertain(Message("grade.too-quiet")) }
        let mine = await lab.sightings(at: self.server).filter { !$0.isProbe }.map(\.arrivedNanoseconds)
        let theirs = await lab.sightings(at: self.neighbour).filter { !$0.isProbe }.map(\.arrivedNanoseconds)
        let share = { (from: Double, to: Double) -> Double? in
            let length = period / Double(lab.timeScale) * 1e9
            let window = (first + UInt64(length * from))..<(first + UInt64(length * to))
            let neighbour = theirs.count { window.contains($0) }
            return neighbour < 10 ? nil : Double(mine.count { window.contains($0) }) / Double(neighbour)
        }
        guard let early = share(0, 0.3), let late = share(0.6, 0.95), let after = share(1.05, 1.3) else {
            return .uncertain(Message("grade.too-quiet"))
        }
        let grows = early < 0.5 && late > early + 0.2 && after > 0.8
        let isWhole = early > 0.7 && late > 0.7
        if self.seconds == 0 ? isWhole : grows { return .pass }
        let percent = [early, late, after].map { "\(Int($0 * 100)) %" }.joined(separator: ", ")
        let names = ["server": self.server, "neighbour": self.neighbour, "seconds": "\(Int(period))"]
        return .fail(
            LessonFinding(
                tried: Message("slow-start.tried", names),
                expected: Message(self.seconds == 0 ? "slow-start.want-whole" : "slow-start.want-growth", names),
                actual: Message("slow-start.actual", ["shares": percent])
            )
        )
    }
}
