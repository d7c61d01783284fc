internal import ELBModel

/// source-ip conditions. Clients connect from addresses of the lab's internet, so the peer is real.
enum SourceIPChecks {
    static let all = [Self.peer, Self.forged]

    private static let feature = "alb.rules.source-ip"
    private static let rows = ["ALB-COND-028", "ALB-COND-029"]

    private static let peer = Check(
        "routing.source-ip.peer",
        "A source-ip condition tests the address that the client connects from.",
        rows: Self.rows,
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesSourceIPFromXFF],
        lookAt: "which address is compared with the block"
    ) { scene in
        let office = try await scene.group("office")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.sourceIP([Self.block]), priority: 10, then: office.forward)],
            default: others.forward
        )
        try await scene.start()

        for (address, group) in [
            ("127.200.7.0", office), ("127.200.7.255", office), ("127.200.8.0", others), ("127.200.6.255", others),
        ] {
            try await scene.expect("GET", "/", at: web, reaches: group) { $0.interface = address }
            // What the client claims changes nothing.
            let claim = [CurlHeader("X-Forwarded-For", "198.51.100.1")]
            try await scene.expect("GET", "/", headers: claim, at: web, reaches: group) { $0.interface = address }
        }
    }

    private static let forged = Check(
        "routing.source-ip.forged",
        "X-Forwarded-For never satisfies a source-ip condition.",
        rows: Self.rows,
        feature: Self.feature,
        reference: .conditions,
        kills: [.rulesSourceIPFromXFF],
        lookAt: "which address is compared with the block"
    ) { scene in
        let office = try await scene.group("office")
        let others = try await scene.group("others")
        let web = try scene.listener(
            rules: [.when(.sourceIP([Self.block]), priority: 10, then: office.forward)],
            default: others.forward
        )
        try await scene.start()

        let forged = [CurlHeader("X-Forwarded-For", "127.200.7.9")]
        try await scene.expect("GET", "/", headers: forged, at: web, reaches: others) { $0.interface = "127.200.9.1" }
        let outside = [CurlHeader("X-Forwarded-For", "127.200.9.1")]
        try await scene.expect("GET", "/", headers: outside, at: web, reaches: office) { $0.interface = "127.200.7.9" }
    }

    private static let block: CIDRBlock = {
        guard let block = CIDRBlock("127.200.7.0/24") else { preconditionFailure("the block above is well-formed") }
        return block
    }()
}
