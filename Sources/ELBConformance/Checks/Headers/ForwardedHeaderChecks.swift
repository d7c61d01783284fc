internal import ELBFleet
internal import ELBModel

/// The other headers that a target gets, and those that it does not get.
enum ForwardedHeaderChecks {
    static let all = [
        Self.set, Self.forged, Self.nothingElse, Self.hopByHop, Self.ownKept, Self.invalidDropped, Self.url,
    ]

    private static let feature = "alb.headers.forwarded"

    private static let set = Check(
        "headers.forwarded.proto-and-port",
        "Every forwarded request carries X-Forwarded-Proto and X-Forwarded-Port of its listener.",
        rows: ["ALB-HDR-001", "ALB-HDR-013", "ALB-HDR-014"],
        feature: Self.feature,
        reference: .forwardedHeaders,
        kills: [.xffPortMissing],
        lookAt: "which headers are added to a forwarded request"
    ) { scene in
        let web = try await scene.group("web")
        let one = try scene.listener(default: web.forward)
        let two = try scene.listener(default: web.forward)
        try await scene.start()

        for listener in [one, two] {
            let exchange = await scene.send("GET", "/", to: listener)
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect("X-Forwarded-Proto", of: exchange, record.values(of: "X-Forwarded-Proto"), is: ["http"])
            try scene.expect(
                "X-Forwarded-Port",
                of: exchange,
                record.values(of: "X-Forwarded-Port"),
                is: ["\(listener.port)"]
            )
        }
    }

    private static let forged = Check(
        "headers.forwarded.not-trusted",
        "X-Forwarded-Proto and X-Forwarded-Port of the client are replaced.",
        rows: ["ALB-HDR-015"],
        level: .provisional,
        feature: Self.feature,
        reference: .forwardedHeaders,
        kills: [.xffProtoTrusted],
        lookAt: "what becomes of headers that only the balancer may set"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let headers = [CurlHeader("X-Forwarded-Proto", "https"), CurlHeader("x-forwarded-port", "443")]
        let exchange = await scene.send("GET", "/", to: listener, headers: headers)
        let record = try scene.expect(exchange, reached: web).record
        try scene.expect("X-Forwarded-Proto", of: exchange, record.values(of: "X-Forwarded-Proto"), is: ["http"])
        let ports = record.values(of: "X-Forwarded-Port")
        try scene.expect("X-Forwarded-Port", of: exchange, ports, is: ["\(listener.port)"])
    }

    private static let nothingElse = Check(
        "headers.forwarded.nothing-else",
        "No header is added but those documented: no Via, no Forwarded, no X-Real-IP.",
        rows: ["ALB-HDR-039"],
        level: .provisional,
        feature: Self.feature,
        reference: .forwardedHeaders,
        kills: [.viaAdded],
        lookAt: "which headers are added to a forwarded request"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let exchange = await scene.send("GET", "/", to: listener)
        let record = try scene.expect(exchange, reached: web).record
        let known: Set = [
            "host", "accept", "connection", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-port",
            "x-amzn-trace-id",
        ]
        let others = record.headers.map(\.name).filter { !known.contains($0.lowercased()) }
        try scene.expect("headers beside the documented ones", of: exchange, others, is: [])
    }

    private static let hopByHop = Check(
        "headers.hop-by-hop",
        "Headers of one connection, and those that Connection names, are not forwarded.",
        rows: ["ALB-HTTP-023"],
        level: .provisional,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.hopByHopForwarded],
        lookAt: "which headers end at the balancer (RFC 9110, section 7.6.1)"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let headers = [
            CurlHeader("Connection", "keep-alive, X-Secret"), CurlHeader("X-Secret", "1"), CurlHeader("X-Public", "2"),
            CurlHeader("Keep-Alive", "timeout=5"), CurlHeader("Proxy-Connection", "keep-alive"),
            CurlHeader("TE", "gzip"),
        ]
        let exchange = await scene.send("GET", "/", to: listener, headers: headers)
        let record = try scene.expect(exchange, reached: web).record
        for name in ["X-Secret", "Keep-Alive", "Proxy-Connection", "TE"] {
            try scene.expect(name, of: exchange, record.values(of: name), is: [])
        }
        try scene.expect("X-Public", of: exchange, record.values(of: "X-Public"), is: ["2"])
    }

    private static let ownKept = Check(
        "headers.client-headers-kept",
        "Headers of the client reach the target in their order, values to the byte.",
        rows: ["ALB-HDR-034"],
        feature: Self.feature,
        reference: .loadBalancers,
        kills: [.requestHeadersDropped],
        lookAt: "how a request's own headers are copied"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let word = scene.random { $0.letters(8) }
        let headers = [
            CurlHeader("X-B", "1"), CurlHeader("X-A", "\(word); q=\"a, b\""), CurlHeader("x-lower", "é"),
            CurlHeader("X-B", "2"), CurlHeader("bad_name", "kept"), CurlHeader("User-Agent", "elb/\(word)"),
            CurlHeader("Cookie", "a=b; c=d"),
        ]
        let exchange = await scene.send("GET", "/", to: listener, headers: headers)
        let record = try scene.expect(exchange, reached: web).record
        let names = Set(headers.map { $0.name.lowercased() })
        let seen = record.headers.filter { names.contains($0.name.lowercased()) }.map { "\($0.name): \($0.value)" }
        try scene.expect(
            "headers of the client",
            of: exchange,
            seen.map { $0.lowercased() }.sorted(),
            is: headers.map {
                $0.description.lowercased()
            }.sorted()
        )
        try scene.expect("X-B", of: exchange, record.values(of: "X-B"), is: ["1", "2"])
    }

    private static let invalidDropped = Check(
        "headers.invalid-dropped",
        "With drop_invalid_header_fields, headers whose name has other characters than letters, digits and - are removed.",
        rows: ["ALB-HDR-034"],
        feature: "alb.headers.drop-invalid",
        reference: .loadBalancers,
        kills: [.invalidHeadersKept],
        lookAt: "which names the attribute routing.http.drop_invalid_header_fields.enabled removes",
        setting: Setting { $0.dropInvalidHeaderFieldsEnabled = true }
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        let headers = [CurlHeader("bad_name", "1"), CurlHeader("bad.name", "2"), CurlHeader("Good-Name-3", "3")]
        let exchange = await scene.send("GET", "/", to: listener, headers: headers)
        let record = try scene.expect(exchange, reached: web).record
        for name in ["bad_name", "bad.name"] { try scene.expect(name, of: exchange, record.values(of: name), is: []) }
        try scene.expect("Good-Name-3", of: exchange, record.values(of: "Good-Name-3"), is: ["3"])
    }

    private static let url = Check(
        "headers.url-untouched",
        "Path and query reach the target as the client sent them, to the byte.",
        rows: ["ALB-HTTP-036"],
        level: .provisional,
        feature: Self.feature,
        reference: .howItWorks,
        kills: [.urlDecoded],
        lookAt: "whether the request target is decoded or tidied on its way"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(
            rules: [.when(.path("/img/*"), priority: 1, then: web.forward)],
            default: web.forward
        )
        try await scene.start()

        for path in ["/img/picture.jpg", "/a%2Fb/%7euser/", "/a//b/./c/../d", "/?q=%20%41+b&q&=&&", "/%C3%A9;v=1?"] {
            let exchange = await scene.send("GET", path, to: listener)
            let record = try scene.expect(exchange, reached: web).record
            let sent = exchange.request.url.dropFirst("http://\(listener)".count)
            try scene.expect("request target", of: exchange, record.target, is: String(sent))
        }
    }
}
