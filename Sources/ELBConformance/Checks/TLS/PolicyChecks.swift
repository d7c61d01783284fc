internal import ELBFleet
internal import ELBModel

/// What a security policy allows, and what targets hear of it.
enum PolicyChecks {
    static let all = [Self.versions, Self.order, Self.headers, Self.forged, Self.renamed]

    private static let feature = "alb.tls.policies"
    private static let telling = Setting { $0.tlsVersionAndCipherSuiteEnabled = true }

    private static func listener(
        _ scene: Scene,
        _ policy: String,
        default action: RuleAction,
        attributes: ListenerAttributes = .init()
    ) throws -> Endpoint {
        let server = try TLSMaterial.server("server", "www.example.com", key: .ecdsaP256)
        return try scene.secureListener(
            ListenerTLS(sslPolicy: policy, defaultCertificate: server.certificate),
            default: action,
            attributes: attributes
        )
    }

    private static let versions = Check(
        "tls.policy.versions",
        "A listener speaks the versions of TLS that its policy has, and no others.",
        rows: ["ALB-TLS-003"],
        feature: Self.feature,
        reference: .policies,
        kills: [.tlsOldVersionsAllowed],
        lookAt: "which versions the listener's policy names"
    ) { scene in
        let policies: [(String, Set<CurlTLS.Version>)] = [
            ("ELBSecurityPolicy-TLS13-1-3-2021-06", [.v13]), ("ELBSecurityPolicy-TLS13-1-2-2021-06", [.v12, .v13]),
            ("ELBSecurityPolicy-TLS-1-2-2017-01", [.v12]), ("ELBSecurityPolicy-2016-08", [.v10, .v11, .v12]),
        ]
        let listeners = try policies.map { try Self.listener(scene, $0.0, default: .answer(200)) }
        try await scene.start()

        for (listener, (policy, allowed)) in zip(listeners, policies) {
            for version in CurlTLS.Version.allCases {
                var tls = try TLSMaterial.client()
                tls.minimumVersion = version
                tls.maximumVersion = version
                let exchange = await scene.sendSecure(as: "www.example.com", to: listener, tls: tls)
                if case .failure(let failure) = exchange.outcome, failure.kind == .timeout {
                    throw Problem.timedOut("no end of a handshake within our limit: \(exchange.tried)")
                }
                let isRight = allowed.contains(version) ? (try? scene.answer(exchange)) != nil : exchange.wasRefused
                try scene.expect(
                    isRight,
                    tried: "\(exchange.tried) in \(version) at a listener with \(policy)",
                    expected: allowed.contains(version) ? "an answer" : "the handshake fails",
                    actual: exchange.ending,
                    evidence: exchange.evidence
                )
            }
        }
    }

    private static let order = Check(
        "tls.policy.server-order",
        "The first suite of the policy that the client offers is used, whatever the client prefers.",
        rows: ["ALB-TLS-002"],
        feature: Self.feature,
        reference: .policies,
        kills: [.tlsClientOrder],
        lookAt: "whose order of cipher suites decides",
        setting: Self.telling
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", default: web.forward)
        try await scene.start()

        var tls = try TLSMaterial.client()
        tls.maximumVersion = .v12
        tls.cipherSuites = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"
        let exchange = await scene.sendSecure(as: "www.example.com", to: listener, tls: tls)
        let record = try scene.expect(exchange, reached: web).record
        try scene.expect(
            "X-Amzn-Tls-Cipher-Suite",
            of: exchange,
            record.values(of: "X-Amzn-Tls-Cipher-Suite"),
            is: ["ECDHE-ECDSA-AES128-GCM-SHA256"]
        )
    }

    private static let headers = Check(
        "tls.headers.version-and-suite",
        "With the attribute on, targets are told the version and the cipher suite in OpenSSL's words.",
        rows: ["ALB-HDR-038"],
        feature: Self.feature,
        reference: .loadBalancers,
        kills: [.tlsHeadersMissing],
        lookAt: "what the attribute routing.http.x_amzn_tls_version_and_cipher_suite.enabled adds",
        setting: Self.telling
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, "ELBSecurityPolicy-TLS13-1-2-2021-06", default: web.forward)
        try await scene.start()

        let cases: [(CurlTLS.Version, String?, String, String)] = [
            (.v12, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384"),
            (.v13, nil, "TLSv1.3", "TLS_AES_256_GCM_SHA384"),
        ]
        for (version, suite, name, cipher) in cases {
            var tls = try TLSMaterial.client()
            tls.minimumVersion = version
            tls.maximumVersion = version
            tls.cipherSuites = suite
            tls.cipherSuites13 = "TLS_AES_256_GCM_SHA384"
            let exchange = await scene.sendSecure(as: "www.example.com", to: listener, tls: tls)
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect("X-Amzn-Tls-Version", of: exchange, record.values(of: "X-Amzn-Tls-Version"), is: [name])
            try scene.expect(
                "X-Amzn-Tls-Cipher-Suite",
                of: exchange,
                record.values(of: "X-Amzn-Tls-Cipher-Suite"),
                is: [cipher]
            )
        }
    }

    private static let forged = Check(
        "tls.headers.forged",
        "What a client itself says in the headers by which targets are told of TLS does not reach them.",
        rows: ["ALB-HDR-040"],
        level: .extended,
        feature: Self.feature,
        reference: .headerModification,
        kills: [.tlsHeadersTrusted],
        lookAt: "who may set the X-Amzn-Tls- and X-Amzn-Mtls- headers",
        setting: Self.telling
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, "ELBSecurityPolicy-TLS13-1-3-2021-06", default: web.forward)
        try await scene.start()

        let forged = ["X-Amzn-Mtls-Clientcert-Subject", "x-amzn-mtls-clientcert", "X-Amzn-Tls-Version"]
        let exchange = await scene.sendSecure(
            as: "www.example.com",
            to: listener,
            headers: forged.map { CurlHeader($0, "forged") },
            tls: try TLSMaterial.client()
        )
        let record = try scene.expect(exchange, reached: web).record
        let found = forged.flatMap { record.values(of: $0) }
        try scene.expect("the headers at the target", of: exchange, found, is: ["TLSv1.3"])
    }

    private static let renamed = Check(
        "tls.headers.renamed",
        "A listener's attribute gives a TLS header another name, and the old name is gone.",
        rows: ["ALB-HMOD-009"],
        feature: Self.feature,
        reference: .headerModification,
        kills: [.tlsHeaderRenameIgnored],
        lookAt: "what the attributes routing.http.request.….header_name change",
        setting: Self.telling
    ) { scene in
        let web = try await scene.group("web")
        var attributes = ListenerAttributes()
        attributes.requestHeaderNames[.tlsVersion] = "X-Spoken"
        let listener = try Self.listener(
            scene,
            "ELBSecurityPolicy-TLS13-1-3-2021-06",
            default: web.forward,
            attributes: attributes
        )
        try await scene.start()

        let exchange = await scene.sendSecure(as: "www.example.com", to: listener, tls: try TLSMaterial.client())
        let record = try scene.expect(exchange, reached: web).record
        try scene.expect("X-Spoken", of: exchange, record.values(of: "X-Spoken"), is: ["TLSv1.3"])
        try scene.expect("X-Amzn-Tls-Version", of: exchange, record.values(of: "X-Amzn-Tls-Version"), is: [])
    }
}
