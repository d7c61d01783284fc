internal import ELBFleet
internal import ELBModel

/// Mutual TLS: what becomes of clients with and without certificates.
enum ClientCertificateChecks {
    static let all = [
        Self.passthrough, Self.passthroughWithout, Self.verified, Self.strangers, Self.expired, Self.expiryIgnored,
        Self.revoked, Self.depth, Self.http2,
    ]

    private static let feature = "alb.tls.mutual-authentication"
    private static let name = "www.example.com"

    private static func listener(_ scene: Scene, _ mutual: MutualAuthentication, to web: SceneGroup) throws -> Endpoint
    {
        let server = try TLSMaterial.server("server", Self.name)
        return try scene.secureListener(
            ListenerTLS(
                sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
                defaultCertificate: server.certificate,
                mutualAuthentication: mutual
            ),
            default: web.forward
        )
    }

    private static func verify(
        _ scene: Scene,
        revoked: [CertificateAuthority.Issued] = [],
        ignoresExpiry: Bool = false
    ) throws -> MutualAuthentication {
        let clients = try TLSMaterial.authorities().clients
        let name = "store-\(scene.nextID())"
        return MutualAuthentication(
            mode: .verify,
            trustStore: TrustStore(
                arn: TrustStoreARN(rawValue: name),
                name: name,
                caCertificates: .text(clients.certificate),
                revocations: revoked.isEmpty ? [] : [.text(try clients.revocationList(revoked))]
            ),
            ignoreClientCertificateExpiry: ignoresExpiry
        )
    }

    private static func expectRefused(_ scene: Scene, _ exchange: Exchange, _ why: String) throws {
        try scene.expect(
            exchange.wasRefused && exchange.hits.isEmpty,
            tried: "\(exchange.tried) \(why)",
            expected: "the connection fails, and no target is contacted",
            actual: exchange.ending,
            evidence: exchange.evidence
        )
    }

    private static func client(
        validity: CertificateAuthority.Validity = .current(days: 30)
    ) throws -> CertificateAuthority.Issued {
        try TLSMaterial.authorities().clients.issue("client.example.com", for: .client, validity: validity)
    }

    private static let passthrough = Check(
        "mtls.passthrough.header",
        "In mode passthrough any certificate is let in and its whole chain reaches the target, URL-encoded.",
        rows: ["ALB-TLS-016", "ALB-TLS-017"],
        feature: Self.feature,
        reference: .mutualAuthentication,
        kills: [.mtlsHeadersMissing],
        lookAt: "what X-Amzn-Mtls-Clientcert holds"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, MutualAuthentication(mode: .passthrough), to: web)
        try await scene.start()

        let below = try TLSMaterial.authorities().strangers.intermediate(name: "below")
        let client = try below.issue("client.example.com", for: .client)
        let tls = try TLSMaterial.client(client, chain: below.chain)
        let exchange = await scene.sendSecure(as: Self.name, to: listener, tls: tls)
        let record = try scene.expect(exchange, reached: web).record
        let values = record.values(of: "X-Amzn-Mtls-Clientcert")
        // AWS says that '=' is not encoded and prints an example in which it is: both are right here.
        try scene.expect(
            "X-Amzn-Mtls-Clientcert, decoded",
            of: exchange,
            values.map { Self.decoded($0) },
            is: [client.certificate + below.chain]
        )
        let isEncoded = values.allSatisfy { value in value.allSatisfy { $0.isASCII && $0 != " " && $0 != "\n" } }
        try scene.expect("the value is URL-encoded", of: exchange, isEncoded, is: true)
    }

    private static let passthroughWithout = Check(
        "mtls.passthrough.no-certificate",
        "In mode passthrough a client without a certificate is let in, and its target hears of none.",
        rows: ["ALB-TLS-018"],
        level: .extended,
        feature: Self.feature,
        reference: .mutualAuthentication,
        kills: [.mtlsPassthroughRequires],
        lookAt: "whether passthrough asks for a certificate or demands it"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, MutualAuthentication(mode: .passthrough), to: web)
        try await scene.start()

        let exchange = await scene.sendSecure(as: Self.name, to: listener, tls: try TLSMaterial.client())
        let record = try scene.expect(exchange, reached: web).record
        try scene.expect("X-Amzn-Mtls-Clientcert", of: exchange, record.values(of: "X-Amzn-Mtls-Clientcert"), is: [])
    }

    private static let verified = Check(
        "mtls.verify.headers",
        "In mode verify a trusted client is let in, and its target is told serial number, issuer, subject, validity and leaf.",
        rows: ["ALB-TLS-020"],
        feature: Self.feature,
        reference: .mutualAuthentication,
        kills: [.mtlsHeadersMissing],
        lookAt: "what the X-Amzn-Mtls-Clientcert- headers hold",
        setting: Setting(verifiesClients: true)
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, try Self.verify(scene), to: web)
        try await scene.start()

        let client = try Self.client()
        let exchange = await scene.sendSecure(as: Self.name, to: listener, tls: try TLSMaterial.client(client))
        let record = try scene.expect(exchange, reached: web).record
        let expected = [
            ("Serial-Number", client.serialNumber), ("Issuer", client.issuer), ("Subject", client.subject),
            ("Validity", "NotBefore=\(UTC.text(client.notBefore));NotAfter=\(UTC.text(client.notAfter))"),
        ]
        for (header, value) in expected {
            let name = "X-Amzn-Mtls-Clientcert-\(header)"
            try scene.expect(name, of: exchange, record.values(of: name), is: [value])
        }
        let leaf = record.values(of: "X-Amzn-Mtls-Clientcert-Leaf").map { Self.decoded($0) }
        try scene.expect("X-Amzn-Mtls-Clientcert-Leaf, decoded", of: exchange, leaf, is: [client.certificate])
        try scene.expect("X-Amzn-Mtls-Clientcert", of: exchange, record.values(of: "X-Amzn-Mtls-Clientcert"), is: [])
    }

    private static let strangers = Check(
        "mtls.verify.untrusted",
        "In mode verify a client without a certificate, or with one that the trust store does not know, gets no connection.",
        rows: ["ALB-TLS-019"],
        feature: Self.feature,
        reference: .mutualAuthentication,
        kills: [.mtlsNotVerified],
        lookAt: "what is done with certificates that no trusted authority signed",
        setting: Setting(verifiesClients: true)
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, try Self.verify(scene), to: web)
        try await scene.start()

        let without = await scene.sendSecure(as: Self.name, to: listener, tls: try TLSMaterial.client())
        try Self.expectRefused(scene, without, "without a certificate")
        let stranger = try TLSMaterial.authorities().strangers.issue("client.example.com", for: .client)
        let exchange = await scene.sendSecure(as: Self.name, to: listener, tls: try TLSMaterial.client(stranger))
        try Self.expectRefused(scene, exchange, "with a stranger's certificate")
    }

    private static let expired = Check(
        "mtls.verify.expired",
        "In mode verify a client whose certificate has expired gets no connection.",
        rows: ["ALB-TLS-019"],
        feature: Self.feature,
        reference: .mutualAuthentication,
        kills: [.mtlsExpiryIgnored],
        lookAt: "whether validity is looked at",
        setting: Setting(verifiesClients: true)
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, try Self.verify(scene), to: web)
        try await scene.start()

        let old = try TLSMaterial.client(try Self.client(validity: .expired))
        try Self.expectRefused(
            scene,
            await scene.sendSecure(as: Self.name, to: listener, tls: old),
            "with an expired one"
        )
    }

    private static let expiryIgnored = Check(
        "mtls.verify.expiry-ignored",
        "With IgnoreClientCertificateExpiry a client with an expired certificate is let in.",
        rows: ["ALB-TLS-021"],
        feature: Self.feature,
        reference: .mutualAuthentication,
        kills: [.mtlsIgnoreExpiryIgnored],
        lookAt: "what IgnoreClientCertificateExpiry changes",
        setting: Setting(verifiesClients: true)
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, try Self.verify(scene, ignoresExpiry: true), to: web)
        try await scene.start()

        let old = try TLSMaterial.client(try Self.client(validity: .expired))
        try scene.expect(await scene.sendSecure(as: Self.name, to: listener, tls: old), reached: web)
    }

    private static let revoked = Check(
        "mtls.verify.revoked",
        "A client whose certificate is on a revocation list gets no connection; others of the same authority do.",
        rows: ["ALB-TLS-019", "ALB-TLS-025"],
        feature: Self.feature,
        reference: .mutualAuthentication,
        kills: [.mtlsRevocationIgnored],
        lookAt: "whether the trust store's revocation lists are looked at",
        setting: Setting(verifiesClients: true)
    ) { scene in
        let web = try await scene.group("web")
        let (bad, good) = (try Self.client(), try Self.client())
        let listener = try Self.listener(scene, try Self.verify(scene, revoked: [bad]), to: web)
        try await scene.start()

        let refused = await scene.sendSecure(as: Self.name, to: listener, tls: try TLSMaterial.client(bad))
        try Self.expectRefused(scene, refused, "with a revoked certificate")
        let letIn = await scene.sendSecure(as: Self.name, to: listener, tls: try TLSMaterial.client(good))
        try scene.expect(letIn, reached: web)
    }

    private static let depth = Check(
        "mtls.verify.chain-depth",
        "A chain of four certificates is let in, one of five is not.",
        rows: ["ALB-TLS-024"],
        level: .extended,
        feature: Self.feature,
        reference: .mutualAuthentication,
        kills: [.mtlsNotVerified],
        lookAt: "how long a client's chain may be",
        setting: Setting(verifiesClients: true)
    ) { scene in
        let web = try await scene.group("web")
        let listener = try Self.listener(scene, try Self.verify(scene), to: web)
        try await scene.start()

        var authority = try TLSMaterial.authorities().clients
        for level in 1...4 {
            authority = try authority.intermediate(name: "level \(level)")
            guard level >= 3 else { continue }
            let client = try authority.issue("client.example.com", for: .client)
            let tls = try TLSMaterial.client(client, chain: authority.chain)
            let exchange = await scene.sendSecure(as: Self.name, to: listener, tls: tls)
            if level == 3 {
                try scene.expect(exchange, reached: web)
            } else {
                try Self.expectRefused(scene, exchange, "with a chain of five")
            }
        }
    }

    private static let http2 = Check(
        "mtls.http2",
        "Client authentication works with HTTP/2, in both modes.",
        rows: ["ALB-TLS-027"],
        level: .extended,
        feature: Self.feature,
        reference: .listeners,
        kills: [.mtlsHeadersMissing],
        lookAt: "what targets are told of clients that speak HTTP/2",
        setting: Setting(verifiesClients: true)
    ) { scene in
        let web = try await scene.group("web")
        let listeners = try [MutualAuthentication(mode: .passthrough), Self.verify(scene)].map {
            try Self.listener(scene, $0, to: web)
        }
        try await scene.start()

        let client = try Self.client()
        let headers = ["X-Amzn-Mtls-Clientcert", "X-Amzn-Mtls-Clientcert-Leaf"]
        for (listener, header) in zip(listeners, headers) {
            let exchange = await scene.sendSecure(as: Self.name, to: listener, tls: try TLSMaterial.client(client)) {
                $0.version = .http2
            }
            let (response, record) = try scene.expect(exchange, reached: web)
            try scene.expect("the version", of: exchange, response.version, is: "HTTP/2")
            let values = record.values(of: header).map { Self.decoded($0) }
            try scene.expect("\(header), decoded", of: exchange, values, is: [client.certificate])
        }
    }

    private static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
