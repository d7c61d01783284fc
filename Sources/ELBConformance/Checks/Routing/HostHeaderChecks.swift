internal import ELBModel

/// host-header conditions.
enum HostHeaderChecks {
    static let all = [Self.caseInsensitive, Self.wildcard, Self.port, Self.values]

    private static let feature = "alb.rules.host-header"

    private static let caseInsensitive = Check(
        "routing.host.case-insensitive",
        "Host names match whatever the case of their letters.",
        rows: ["ALB-COND-004"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesHostCaseSensitive],
        lookAt: "how letters of Host are compared with the value's"
    ) { scene in
        let shop = try await scene.group("shop")
        let others = try await scene.group("others")
        let name = scene.random { $0.letters(6) }
        let web = try scene.listener(
            rules: [.when(.host("\(name).Example.com"), priority: 10, then: shop.forward)],
            default: others.forward
        )
        try await scene.start()

        for host in ["\(name).example.com", "\(name.uppercased()).EXAMPLE.COM", "\(name).eXample.Com"] {
            try await scene.expect("GET", "/", headers: [CurlHeader("Host", host)], at: web, reaches: shop)
        }
        try await scene.expect(
            "GET",
            "/",
            headers: [CurlHeader("Host", "\(name).example.org")],
            at: web,
            reaches: others
        )
    }

    private static let wildcard = Check(
        "routing.host.wildcard",
        "*.example.com matches test.example.com but not example.com.",
        rows: ["ALB-COND-006", "ALB-COND-002"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesWildcardsLiteral],
        lookAt: "what the dot behind * asks for"
    ) { scene in
        let shops = try await scene.group("shops")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.host("*.example.com"), priority: 10, then: shops.forward)],
            default: others.forward
        )
        try await scene.start()

        let name = scene.random { $0.letters(6) }
        try await scene.expect(
            "GET",
            "/",
            headers: [CurlHeader("Host", "\(name).example.com")],
            at: web,
            reaches: shops
        )
        for host in ["example.com", "\(name)example.com", "\(name).example.com.org"] {
            try await scene.expect("GET", "/", headers: [CurlHeader("Host", host)], at: web, reaches: others)
        }
    }

    private static let port = Check(
        "routing.host.port-ignored",
        "The port in Host takes no part in the comparison.",
        rows: ["ALB-COND-007"],
        level: .provisional,
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesHostPortCompared],
        lookAt: "what is left of Host before it is compared"
    ) { scene in
        let shop = try await scene.group("shop")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.host("www.example.com"), priority: 10, then: shop.forward)],
            default: others.forward
        )
        try await scene.start()

        for host in ["www.example.com", "www.example.com:\(web.port)", "www.example.com:81"] {
            try await scene.expect("GET", "/", headers: [CurlHeader("Host", host)], at: web, reaches: shop)
        }
    }

    private static let values = Check(
        "routing.host.any-value",
        "A host-header condition holds when any one of its values matches.",
        rows: ["ALB-RULE-006"],
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesOnlyFirstValue],
        lookAt: "whether all values of a condition are tried"
    ) { scene in
        let listed = try await scene.group("listed")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.host("a.example.com", "b.example.com"), priority: 10, then: listed.forward)],
            default: others.forward
        )
        try await scene.start()

        for host in ["a.example.com", "b.example.com"] {
            try await scene.expect("GET", "/", headers: [CurlHeader("Host", host)], at: web, reaches: listed)
        }
        try await scene.expect("GET", "/", headers: [CurlHeader("Host", "c.example.com")], at: web, reaches: others)
    }
}
