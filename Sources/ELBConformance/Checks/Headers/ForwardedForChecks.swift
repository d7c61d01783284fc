internal import ELBFleet
internal import ELBModel

/// X-Forwarded-For in its three modes, judged by what the target read.
enum ForwardedForChecks {
    static let all = [
        Self.absent, Self.append, Self.preserve, Self.remove, Self.clientPort, Self.clientPortPreserved, Self.limit,
    ]

    private static let feature = "alb.headers.x-forwarded-for"
    private static let name = "X-Forwarded-For"

    private static let absent = Check(
        "headers.forwarded-for.added",
        "A request without X-Forwarded-For reaches the target with the client's address in it.",
        rows: ["ALB-HDR-002"],
        feature: Self.feature,
        reference: .forwardedHeaders,
        kills: [.xffMissing],
        lookAt: "which address is written into X-Forwarded-For"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for address in ["127.200.1.1", "127.200.255.254"] {
            let exchange = await scene.send("GET", "/", to: listener) { $0.interface = address }
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect(Self.name, of: exchange, record.values(of: Self.name), is: [address])
        }
    }

    private static let append = Check(
        "headers.forwarded-for.append",
        "The client's address is appended to what X-Forwarded-For holds already, and nothing of that is lost.",
        rows: ["ALB-HDR-003", "ALB-HDR-004"],
        feature: Self.feature,
        reference: .forwardedHeaders,
        kills: [.xffReplaced, .xffMissing],
        lookAt: "what becomes of the addresses that the client sent"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for sent in ["127.0.0.4", "203.0.113.9, 198.51.100.7", "not-an-address"] {
            let exchange = await scene.send("GET", "/", to: listener, headers: [CurlHeader(Self.name, sent)]) {
                $0.interface = "127.200.3.4"
            }
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect(Self.name, of: exchange, Self.entries(record), is: Self.entries("\(sent), 127.200.3.4"))
        }
    }

    private static let preserve = Check(
        "headers.forwarded-for.preserve",
        "In mode preserve X-Forwarded-For reaches the target as the client sent it, and is not added.",
        rows: ["ALB-HDR-005", "ALB-HDR-007"],
        feature: "\(Self.feature).modes",
        reference: .forwardedHeaders,
        kills: [.xffModeIgnored],
        lookAt: "what the attribute routing.http.xff_header_processing.mode changes",
        setting: Setting { $0.xffHeaderProcessingMode = .preserve }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let sent = await scene.send("GET", "/", to: listener, headers: [CurlHeader(Self.name, "203.0.113.9 ,x")])
        let record = try scene.expect(sent, reached: web).record
        try scene.expect(Self.name, of: sent, record.values(of: Self.name), is: ["203.0.113.9 ,x"])
        let without = await scene.send("GET", "/", to: listener)
        let second = try scene.expect(without, reached: web).record
        try scene.expect(Self.name, of: without, second.values(of: Self.name), is: [])
    }

    private static let remove = Check(
        "headers.forwarded-for.remove",
        "In mode remove X-Forwarded-For never reaches the target.",
        rows: ["ALB-HDR-006", "ALB-HDR-007"],
        feature: "\(Self.feature).modes",
        reference: .forwardedHeaders,
        kills: [.xffModeIgnored],
        lookAt: "what the attribute routing.http.xff_header_processing.mode changes",
        setting: Setting { $0.xffHeaderProcessingMode = .remove }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for headers in [[], [CurlHeader(Self.name, "203.0.113.9")], [CurlHeader("x-forwarded-FOR", "203.0.113.9")]] {
            let exchange = await scene.send("GET", "/", to: listener, headers: headers)
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect(Self.name, of: exchange, record.values(of: Self.name), is: [])
        }
    }

    private static let clientPort = Check(
        "headers.forwarded-for.client-port",
        "With the client-port attribute the appended entry is address:port.",
        rows: ["ALB-HDR-008"],
        feature: "\(Self.feature).client-port",
        reference: .forwardedHeaders,
        kills: [.xffReplaced, .xffMissing, .xffClientPortIgnored],
        lookAt: "what the attribute routing.http.xff_client_port.enabled adds",
        setting: Setting { $0.xffClientPortEnabled = true }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let exchange = await scene.send("GET", "/", to: listener, headers: [CurlHeader(Self.name, "203.0.113.9")]) {
            $0.interface = "127.200.3.4"
        }
        let (response, record) = try scene.expect(exchange, reached: web)
        let expected = ["203.0.113.9", "127.200.3.4:\(response.localPort)"]
        try scene.expect(Self.name, of: exchange, Self.entries(record), is: expected)
    }

    private static let clientPortPreserved = Check(
        "headers.forwarded-for.client-port-only-appended",
        "The client-port attribute changes nothing in mode preserve.",
        rows: ["ALB-HDR-010"],
        feature: "\(Self.feature).client-port",
        reference: .forwardedHeaders,
        kills: [.xffModeIgnored],
        lookAt: "how the two attributes of X-Forwarded-For meet",
        setting: Setting {
            $0.xffClientPortEnabled = true
            $0.xffHeaderProcessingMode = .preserve
        }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let exchange = await scene.send("GET", "/", to: listener, headers: [CurlHeader(Self.name, "203.0.113.9")])
        let record = try scene.expect(exchange, reached: web).record
        try scene.expect(Self.name, of: exchange, record.values(of: Self.name), is: ["203.0.113.9"])
    }

    private static let limit = Check(
        "headers.forwarded-for.limit",
        "More than 30 addresses in X-Forwarded-For are answered 463, and no target is contacted.",
        rows: ["ALB-HDR-011", "ALB-ERR-019"],
        feature: "\(Self.feature).limit",
        reference: .troubleshooting,
        kills: [.errorXFFLimitMissing],
        lookAt: "how many addresses are counted, and which"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let addresses = { (count: Int) in
            [CurlHeader(Self.name, (1...count).map { "203.0.113.\($0)" }.joined(separator: ", "))]
        }
        try await scene.expect("GET", "/", headers: addresses(29), at: listener, reaches: web)
        try await scene.expect("GET", "/", headers: addresses(31), at: listener, answers: 463)
        try await scene.expect("GET", "/", headers: addresses(50), at: listener, answers: 463)
    }

    /// The list's entries; blanks between them mean nothing, and neither does whether they share a line.
    private static func entries(_ record: RequestRecord) -> [String] {
        record.values(of: Self.name).flatMap { Self.entries($0) }
    }

    private static func entries(_ value: String) -> [String] {
        value.split(separator: ",").map { entry in String(entry.drop { $0 == " " }) }
    }
}
