internal import ELBFleet
internal import ELBModel

/// What the target gets as Host.
enum HostChecks {
    static let all = [Self.port, Self.lowerCase, Self.preserved, Self.absoluteForm, Self.oldClient]

    private static let feature = "alb.headers.host"

    private static let port = Check(
        "headers.host.port-appended",
        "On a listener that is not on port 80 or 443, the port is appended to Host if it is missing.",
        rows: ["ALB-HDR-026"],
        feature: Self.feature,
        reference: .attributes,
        kills: [.hostPreservedAlways],
        lookAt: "how Host is rewritten by default"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for (sent, expected) in [
            ("www.example.com", "www.example.com:\(listener.port)"),
            ("www.example.com:\(listener.port)", "www.example.com:\(listener.port)"),
        ] {
            let exchange = await scene.send("GET", "/", to: listener, headers: [CurlHeader("Host", sent)])
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect("Host", of: exchange, record.values(of: "Host"), is: [expected])
        }
    }

    private static let lowerCase = Check(
        "headers.host.lower-case",
        "Host is forwarded in lower case.",
        rows: ["ALB-HDR-031"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.hostPreservedAlways],
        lookAt: "how Host is rewritten by default"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let sent = "WWW.Example.COM:\(listener.port)"
        let exchange = await scene.send("GET", "/", to: listener, headers: [CurlHeader("Host", sent)])
        let record = try scene.expect(exchange, reached: web).record
        try scene.expect("Host", of: exchange, record.values(of: "Host"), is: [sent.lowercased()])
    }

    private static let preserved = Check(
        "headers.host.preserved",
        "With preserve_host_header, Host reaches the target as the client sent it.",
        rows: ["ALB-HDR-030"],
        feature: Self.feature,
        reference: .attributes,
        kills: [.hostPreserveIgnored],
        lookAt: "what the attribute routing.http.preserve_host_header.enabled changes",
        setting: Setting { $0.preserveHostHeaderEnabled = true }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for sent in ["WWW.Example.com", "www.example.com:81"] {
            let exchange = await scene.send("GET", "/", to: listener, headers: [CurlHeader("Host", sent)])
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect("Host", of: exchange, record.values(of: "Host"), is: [sent])
        }
    }

    private static let absoluteForm = Check(
        "headers.host.absolute-form",
        "The host of an absolute request target goes before the Host line.",
        rows: ["ALB-HDR-029"],
        feature: Self.feature,
        reference: .attributes,
        kills: [.hostPreservedAlways],
        lookAt: "which of the two hosts is forwarded"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        let text =
            "GET http://right.example.com:\(listener.port)/x?elb-id=\(id) HTTP/1.1\r\nHost: wrong.example.com\r\n\r\n"
        let outcome = await scene.sendRaw(text, to: listener)
        let record = try await scene.theRecord(of: id, sent: text, outcome)
        try scene.expect(
            record.values(of: "Host") == ["right.example.com:\(listener.port)"],
            tried: text.debugDescription,
            expected: "Host: right.example.com:\(listener.port)",
            actual: "Host: \(record.values(of: "Host").joined(separator: " and "))",
            evidence: [Finding.Evidence("target web", record.rawHead.text)]
        )
    }

    private static let oldClient = Check(
        "headers.host.http-1.0",
        "An HTTP/1.0 request without Host reaches the target as HTTP/1.1 with the load balancer's DNS name.",
        rows: ["ALB-HDR-032", "ALB-HTTP-007"],
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.hostPreservedAlways],
        lookAt: "which Host and version a request of an old client gets"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let id = scene.nextID()
        let text = "GET /?elb-id=\(id) HTTP/1.0\r\n\r\n"
        let outcome = await scene.sendRaw(text, to: listener, answers: 2, within: .seconds(3))
        let record = try await scene.theRecord(of: id, sent: text, outcome)
        let host = record.values(of: "Host")
        try scene.expect(
            record.version == "HTTP/1.1" && host.count == 1
                && host[0].prefix { $0 != ":" } == scene.dnsName.prefix { $0 != ":" },
            tried: text.debugDescription,
            expected: "HTTP/1.1 with Host: \(scene.dnsName)",
            actual: "\(record.version) with Host: \(host.joined(separator: " and "))",
            evidence: [Finding.Evidence("target web", record.rawHead.text)]
        )
        try scene.expect(
            outcome.end == .closed,
            tried: text.debugDescription,
            expected: "the connection is closed after the answer",
            actual: "it stays open"
        )
        // With a Host it is treated like any other (ALB-HDR-031).
        let other = scene.nextID()
        let named = "GET /?elb-id=\(other) HTTP/1.0\r\nHost: WWW.Example.com:\(listener.port)\r\n\r\n"
        let answer = await scene.sendRaw(named, to: listener)
        let hosts = try await scene.theRecord(of: other, sent: named, answer).values(of: "Host")
        try scene.expect(
            hosts == ["www.example.com:\(listener.port)"],
            tried: named.debugDescription,
            expected: "Host: www.example.com:\(listener.port)",
            actual: "Host: \(hosts.joined(separator: " and "))"
        )
    }
}

extension Scene {
    /// The one record of a request that was sent as raw bytes and must have been forwarded.
    func theRecord(of id: String, sent: String, _ outcome: RawClient.Outcome) async throws -> RequestRecord {
        let hits = await self.hits(id)
        guard let hit = hits.first, hits.count == 1 else {
            if let failure = outcome.failure { throw Problem.uncertain("no connection: \(failure)") }
            throw Problem.broken(
                tried: sent.debugDescription,
                expected: "one target reads the request",
                actual: hits.isEmpty ? "none does" : "\(hits.count) requests were read",
                evidence: [.init("client", String(decoding: outcome.received.prefix(1000), as: UTF8.self))]
            )
        }
        return hit.record
    }
}
