internal import ELBFleet
internal import ELBModel

/// TLS between the load balancer and its targets.
enum TargetTLSChecks {
    static let all = [Self.certificates, Self.plainText, Self.silent, Self.probes]

    private static let feature = "alb.tls.targets"

    private static func group(_ scene: Scene, _ name: String, tls: BackendTLS) async throws -> SceneGroup {
        var behaviour = BackendBehaviour()
        behaviour.tls = tls
        var health = HealthCheckSettings.calm
        health.protocol = .https
        return try await scene.group(name, health: health, behaviour: behaviour) { $0.protocol = .https }
    }

    private static let certificates = Check(
        "tls.targets.certificate-ignored",
        "A target's certificate is not looked at: expired, self-signed and for another name, all serve.",
        rows: ["ALB-TLS-012"],
        feature: Self.feature,
        reference: .targetGroups,
        kills: [.tlsValidatesTargets],
        lookAt: "what is asked of a target's certificate"
    ) { scene in
        var groups: [SceneGroup] = []
        for certificate in BackendTLS.Certificate.allCases {
            var tls = BackendTLS()
            tls.certificate = certificate
            groups.append(try await Self.group(scene, certificate.rawValue, tls: tls))
        }
        let listeners = try groups.map { try scene.listener(default: $0.forward) }
        try await scene.start()

        for (listener, group) in zip(listeners, groups) {
            let response = try await scene.expect("GET", "/", at: listener, reaches: group).response
            try scene.expect(
                response.status == 200,
                tried: "a request to a target with a certificate that is \(group.name)",
                expected: "200",
                actual: "\(response.status)"
            )
        }
    }

    private static let plainText = Check(
        "tls.targets.plain-text",
        "A target of an HTTPS group that does not speak TLS makes the client's answer 502.",
        rows: ["ALB-ERR-033"],
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorBadGatewayAs500],
        lookAt: "what a failed handshake with a target is answered with"
    ) { scene in
        var tls = BackendTLS()
        tls.flaw = .plainText
        let web = try await Self.group(scene, "plain", tls: tls)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try await scene.expect("GET", "/", at: listener, answers: 502)
    }

    private static let silent = Check(
        "tls.targets.silent",
        "A target that takes a connection and never answers the handshake makes the client's answer 504.",
        rows: ["ALB-ERR-042", "ALB-CONN-012"],
        level: .extended,
        feature: Self.feature,
        reference: .troubleshooting,
        kills: [.errorTimeoutAs502],
        lookAt: "how long a handshake with a target may take"
    ) { scene in
        var tls = BackendTLS()
        tls.flaw = .silent
        let web = try await Self.group(scene, "silent", tls: tls)
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        try await scene.expect("GET", "/", at: listener, answers: 504)
    }

    private static let probes = Check(
        "tls.targets.probes",
        "Health checks over HTTPS do not look at the target's certificate.",
        rows: ["ALB-HC-002", "ALB-HC-020"],
        feature: Self.feature,
        with: ["alb.health"],
        reference: .healthChecks,
        kills: [.tlsValidatesTargets],
        lookAt: "what is asked of a target's certificate when it is probed"
    ) { scene in
        var tls = BackendTLS()
        tls.certificate = .expired
        let web = try await Self.group(scene, "probed", tls: tls)
        _ = try scene.listener(default: web.forward)
        try await scene.start()

        let probes = try? await web.backends[0].waitForRecords(count: 1, kind: .probe, timeout: .seconds(8))
        try scene.expect(
            probes?.first?.tls?.version != nil,
            tried: "a health check of a target with an expired certificate",
            expected: "a probe inside TLS",
            actual: "no probe arrived"
        )
    }
}
