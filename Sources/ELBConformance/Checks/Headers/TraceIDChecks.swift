internal import ELBFleet
internal import ELBModel

/// X-Amzn-Trace-Id.
enum TraceIDChecks {
    static let all = [Self.new, Self.root, Self.own]

    private static let feature = "alb.headers.trace-id"
    private static let name = "X-Amzn-Trace-Id"

    private static let new = Check(
        "headers.trace-id.new",
        "A request without X-Amzn-Trace-Id gets Root=1-, 8 hexadecimal digits, -, and 24 more; answers get none.",
        rows: ["ALB-HDR-017", "ALB-HDR-023"],
        feature: Self.feature,
        reference: .tracing,
        kills: [.traceIDMissing],
        lookAt: "how a trace id is made"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        var roots: Set<String> = []
        for _ in 0..<3 {
            let exchange = await scene.send("GET", "/", to: listener)
            let (response, record) = try scene.expect(exchange, reached: web)
            let values = record.values(of: Self.name)
            try scene.expect(
                values.count == 1 && values[0].hasPrefix("Root=") && Self.isID(values[0].dropFirst("Root=".count)),
                tried: exchange.tried,
                expected: "one \(Self.name) of the form Root=1-xxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx",
                actual: values.isEmpty ? "none" : values.joined(separator: " and "),
                evidence: exchange.evidence
            )
            try scene.expect("\(Self.name) of the answer", of: exchange, response.header(Self.name), is: nil)
            roots.insert(values[0])
        }
        try scene.expect(
            roots.count == 3,
            tried: "three requests",
            expected: "three trace ids",
            actual: "\(roots.count)"
        )
    }

    private static let root = Check(
        "headers.trace-id.root-kept",
        "Root and further fields of a client's trace id are kept, and Self is put in front.",
        rows: ["ALB-HDR-018", "ALB-HDR-020"],
        feature: Self.feature,
        reference: .tracing,
        kills: [.traceIDReplaced],
        lookAt: "what becomes of the client's own trace id"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let root = "Root=1-67891233-abcdef012345678912345678"
        for sent in [root, "\(root);CalledFrom=app"] {
            let exchange = await scene.send("GET", "/", to: listener, headers: [CurlHeader(Self.name, sent)])
            let record = try scene.expect(exchange, reached: web).record
            try scene.expectSelf(before: sent, exchange, record.values(of: Self.name))
        }
    }

    private static let own = Check(
        "headers.trace-id.self-updated",
        "A Self field is updated, and the rest stays.",
        rows: ["ALB-HDR-019"],
        feature: Self.feature,
        reference: .tracing,
        kills: [.traceIDReplaced],
        lookAt: "what becomes of Self"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let rest = "Root=1-67891233-abcdef012345678912345678;CalledFrom=app"
        let sent = "Self=1-67891234-12456789abcdef012345678a;\(rest)"
        let exchange = await scene.send("GET", "/", to: listener, headers: [CurlHeader(Self.name, sent)])
        let record = try scene.expect(exchange, reached: web).record
        try scene.expectSelf(before: rest, exchange, record.values(of: Self.name))
        try scene.expect(
            record.values(of: Self.name) != [sent],
            tried: exchange.tried,
            expected: "another Self",
            actual: "the client's own",
            evidence: exchange.evidence
        )
    }

    /// `1-`, 8 hexadecimal digits, `-`, 24 of them; AWS's printed examples of Self have 23 (ALB-HDR-021).
    static func isID(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "1" && parts[1].count == 8 && (23...24).contains(parts[2].count)
            && parts.dropFirst().allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }
}

extension Scene {
    fileprivate func expectSelf(before rest: String, _ exchange: Exchange, _ values: [String]) throws {
        let value = values.first ?? ""
        let parts = value.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        try self.expect(
            values.count == 1 && parts.count == 2 && parts[0].hasPrefix("Self=")
                && TraceIDChecks.isID(parts[0].dropFirst("Self=".count)) && parts[1] == rest,
            tried: exchange.tried,
            expected: "Self=1-…-…;\(rest)",
            actual: values.isEmpty ? "no X-Amzn-Trace-Id" : values.joined(separator: " and "),
            evidence: exchange.evidence
        )
    }
}
