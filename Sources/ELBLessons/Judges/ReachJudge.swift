import ELBConformance
import ELBModel

/// Whether clients get through, and what servers know of them.
enum ReachJudge {
    static func reachable(_ lab: TopologyLab, zones: Int) async throws -> Judgement {
        let expected = Message("reach.expected", ["zones": "\(zones)"])
        guard lab.endpoints.count >= zones else {
            return .fail(
                LessonFinding(
                    tried: Message("reach.tried-zones"),
                    expected: expected,
                    actual: Message("reach.zones", ["zones": "\(lab.endpoints.count)"])
                )
            )
        }
        for node in lab.loadBalancer.nodes {
            var request = RouteCase.Request()
            request.zone = node.zone
            let outcome = await lab.curl.perform(try RouteJudge.curl(request, lab, id: nil))
            if case .success(let response) = outcome, response.status == 200 { continue }
            let actual: Message
            switch outcome {
            case .success(let response): actual = Message("reach.status", ["status": "\(response.status)"])
            case .failure(let failure): actual = Message("routes.saw-nothing", ["error": failure.description])
            }
            return .fail(
                LessonFinding(
                    tried: Message("reach.tried", ["zone": node.zone.name]),
                    expected: expected,
                    actual: actual,
                    evidence: [.init("client", RouteJudge.transcript(.init(), outcome))]
                )
            )
        }
        return .pass
    }

    /// The server's peer is the balancer's node; the client stands in X-Forwarded-For (ALB-HDR-001, -002).
    static func clientAddress(_ lab: TopologyLab) async throws -> Judgement {
        let client = "127.200.7.9"
        let request = RouteCase.Request(client: client)
        let (outcome, _) = try await RouteJudge.send(request, to: lab, id: "who")
        let seen = await lab.sightings().first { $0.values(of: RouteJudge.idHeader) == ["who"] }
        let forwarded = seen?.values(of: "X-Forwarded-For") ?? []
        if let seen, seen.peerAddress != client, forwarded == [client] { return .pass }
        let actual =
            seen.map {
                Message(
                    "client.actual",
                    [
                        "peer": $0.peerAddress,
                        "header": forwarded.isEmpty ? "–" : forwarded.joined(separator: " | "),
                    ]
                )
            } ?? Message("client.nobody")
        return .fail(
            LessonFinding(
                tried: Message("client.tried", ["client": client]),
                expected: Message("client.expected", ["client": client]),
                actual: actual,
                evidence: [.init("client", RouteJudge.transcript(request, outcome))]
            )
        )
    }
}
