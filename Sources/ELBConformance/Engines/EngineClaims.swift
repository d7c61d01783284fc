/// What every adapter claims, and what none does.
enum EngineClaims {
    static let features = [
        "alb.actions", "alb.changes", "alb.errors", "alb.headers.forwarded", "alb.headers.x-forwarded-for",
        "alb.health",
        "alb.http.bodies", "alb.http.connections", "alb.http.http2", "alb.http.methods", "alb.http.relay",
        "alb.http.websocket",
        "alb.listeners",
        "alb.rules", "alb.targets.least-outstanding-requests", "alb.targets.selection", "alb.targets.weighted-random",
        "alb.tls.certificates", "alb.tls.targets",
    ]

    static let omissions: [SubjectClaims.Omission] = [
        .init("alb.auth", "Its users log in elsewhere; AWS's sessions and cookies are its own."),
        .init("alb.desync", "The modes of desync mitigation are AWS's; others have one way to read a request."),
        .init("alb.header-modification", "The adapter writes no listener attributes."),
        .init("alb.headers", "Which headers only the load balancer may set is AWS's choice."),
        .init(
            "alb.headers.drop-invalid",
            "Which header names are invalid is decided by the engine, not by an attribute."
        ),
        .init("alb.headers.host", "The adapter leaves Host as the client sent it."),
        .init("alb.headers.trace-id", "X-Amzn-Trace-Id is AWS's."),
        .init("alb.health.protocol-version", "The adapter speaks HTTP/1.1 with targets."),
        .init("alb.health.routing-threshold", "The threshold is a setting of AWS's."),
        .init("alb.http.protocol-version", "The adapter speaks HTTP/1.1 with targets."),
        .init("alb.http.transfer-encoding", "Which codings are refused, and how, is AWS's choice."),
        .init("alb.lambda", "Functions are invoked by AWS's API."),
        .init("alb.names", "An engine answers no names."),
        .init("alb.stickiness", "The cookies are AWS's: their names, their durations and what they do."),
        .init("alb.targets.anomaly-mitigation", "AWS's algorithm is not published."),
        .init("alb.targets.cross-zone", "The engine is one node for all zones."),
        .init("alb.targets.slow-start", "The shares during slow start are AWS's."),
        .init("alb.tls", "Certificates of clients are looked at in AWS's own way, and told of in headers of its own."),
        .init("alb.transforms", "The adapter writes no transforms."),
        .init("clb", "The adapter writes Application Load Balancers."),
        .init("nlb", "The adapter writes Application Load Balancers."),
    ]

    /// - Parameters:
    ///   - more: what this adapter claims beyond the others.
    ///   - omissions: what it does not claim; in place of what all leave out, where that is the same feature.
    static func claims(_ more: [String] = [], except omissions: SubjectClaims.Omission...) -> SubjectClaims {
        let own = Set(omissions.map(\.feature))
        let common = Self.omissions.filter { !own.contains($0.feature) }
        return SubjectClaims(
            (Self.features + more).sorted(),
            except: (common + omissions).sorted { $0.feature < $1.feature }
        )
    }
}
