import ELBConformance
import ELBModel

/// Counts who got how many requests.
enum SpreadJudge {
    /// `rounds` requests per server, one after another, at every node: round robin gives each server exactly its share
    /// (ALB-ALG-003). Each node counts for itself (ALB-ALG-004), so each is asked alone.
    ///
    /// - Parameter servers: who shares; the whole fleet.
    static func even(
        _ lab: TopologyLab,
        _ request: RouteCase.Request,
        servers: [String],
        rounds: Int
    ) async throws -> Judgement {
        let balancer = lab.balancers.first { $0.name == request.balancer } ?? lab.loadBalancer
        for node in balancer.nodes where request.zone == nil || request.zone == node.zone {
            let before = await lab.trafficCounts()
            var one = request
            one.zone = node.zone
            let curl = try RouteJudge.curl(one, lab, id: nil)
            let requests = Array(repeating: curl, count: rounds * servers.count)
            let outcomes = await lab.curl.performInOrder(requests)
            let after = await lab.trafficCounts()
            let counts = servers.map { after[$0, default: 0] - before[$0, default: 0] }
            let errors = outcomes.count { (try? $0.get().status) != 200 }
            guard errors > 0 || counts.contains(where: { $0 != rounds }) else { continue }
            let histogram = zip(servers, counts).map { "\($0) \($1)" }.joined(separator: ", ")
            return .fail(
                LessonFinding(
                    tried: Message("spread.tried", ["count": "\(requests.count)", "zone": node.zone.name]),
                    expected: Message("spread.expected", ["count": "\(rounds)"]),
                    actual: Message("spread.actual", ["histogram": histogram, "errors": "\(errors)"])
                )
            )
        }
        return .pass
    }

    /// The share that some servers get of many equal requests. With 6,000 requests and three points of tolerance an honest
    /// 10 % passes in all but a handful of ten million runs, and 50 % never does; so there is one attempt.
    static func share(
        _ lab: TopologyLab,
        _ request: RouteCase.Request,
        servers: [String],
        percent: Double,
        tolerance: Double,
        requests count: Int
    ) async throws -> Judgement {
        let one = try RouteJudge.curl(request, lab, id: nil)
        let before = await lab.trafficCounts()
        let outcomes = await lab.curl.perform(Array(repeating: one, count: count), atOnce: 4)
        let after = await lab.trafficCounts()
        let failed = outcomes.count { (try? $0.get().status) != 200 }
        let hits = servers.reduce(0) { $0 + after[$1, default: 0] - before[$1, default: 0] }
        let share = Double(hits) / Double(count) * 100
        guard failed > 0 || abs(share - percent) > tolerance else { return .pass }
        let list = servers.joined(separator: ", ")
        var asked = request
        asked.zone = try RouteJudge.place(request, lab).node.zone
        return .fail(
            LessonFinding(
                tried: Message("share.tried", ["count": "\(count)", "request": asked.description]),
                expected: Message(
                    "share.expected",
                    ["servers": list, "percent": "\(Int(percent))", "tolerance": "\(Int(tolerance))"]
                ),
                actual: Message(
                    "share.actual",
                    ["servers": list, "hits": "\(hits)", "percent": Self.oneDigit(share), "failed": "\(failed)"]
                )
            )
        )
    }

    static func oneDigit(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
