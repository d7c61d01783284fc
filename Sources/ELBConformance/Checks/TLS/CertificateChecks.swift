internal import ELBFleet
internal import ELBModel

/// Which certificate a client is shown.
enum CertificateChecks {
    static let all = [Self.byName, Self.default, Self.wildcard, Self.kindOfKey, Self.replaced]

    private static let feature = "alb.tls.certificates"

    private static func show(
        _ scene: Scene,
        _ name: String,
        at listener: Endpoint,
        expect server: TLSMaterial.Server,
        _ what: String,
        tls: CurlTLS? = nil
    ) async throws {
        let exchange = await scene.sendSecure(as: name, to: listener, tls: try tls ?? TLSMaterial.client()) {
            // The default certificate is not made out to every name that it is shown for.
            $0.verifiesCertificate = false
        }
        try scene.answer(exchange)
        try scene.expect(
            "the certificate shown is \(what)",
            of: exchange,
            exchange.shownSerialNumber == server.serialNumber,
            is: true
        )
    }

    private static let byName = Check(
        "tls.certificates.by-name",
        "The certificate in the listener's list that covers the name asked for is shown.",
        rows: ["ALB-TLS-007", "INT-AC-003"],
        feature: Self.feature,
        reference: .certificates,
        kills: [.tlsDefaultCertificateAlways],
        lookAt: "how the client's server name is looked up in the certificate list"
    ) { scene in
        let usual = try TLSMaterial.server("default", "default.example.com")
        let shop = try TLSMaterial.server("shop", "shop.example.com")
        let mail = try TLSMaterial.server("mail", "mail.example.com")
        let listener = try scene.secureListener(
            ListenerTLS(defaultCertificate: usual.certificate, certificates: [mail.certificate, shop.certificate]),
            default: .answer(200)
        )
        try await scene.start()

        try await Self.show(scene, "shop.example.com", at: listener, expect: shop, "the shop's")
        try await Self.show(scene, "MAIL.example.com", at: listener, expect: mail, "the mail server's")
    }

    private static let `default` = Check(
        "tls.certificates.default",
        "A client that asks for a name of no certificate, or for none, is shown the default certificate.",
        rows: ["ALB-TLS-008"],
        feature: Self.feature,
        reference: .certificates,
        kills: [.tlsUnknownNameRefused],
        lookAt: "what happens when no certificate covers the name"
    ) { scene in
        let usual = try TLSMaterial.server("default", "default.example.com")
        let shop = try TLSMaterial.server("shop", "shop.example.com")
        let listener = try scene.secureListener(
            ListenerTLS(defaultCertificate: usual.certificate, certificates: [shop.certificate]),
            default: .answer(200)
        )
        try await scene.start()

        try await Self.show(scene, "other.example.com", at: listener, expect: usual, "the default")
        // An address is no name, so curl asks for none.
        try await Self.show(scene, "\(listener.address)", at: listener, expect: usual, "the default")
    }

    private static let wildcard = Check(
        "tls.certificates.wildcard-one-label",
        "A wildcard certificate covers exactly one label.",
        rows: ["ALB-TLS-009"],
        feature: Self.feature,
        reference: .certificates,
        kills: [.tlsWildcardAnyDepth],
        lookAt: "what * in a certificate's name stands for"
    ) { scene in
        let usual = try TLSMaterial.server("default", "default.example.net")
        let wild = try TLSMaterial.server("wild", "*.example.com")
        let listener = try scene.secureListener(
            ListenerTLS(defaultCertificate: usual.certificate, certificates: [wild.certificate]),
            default: .answer(200)
        )
        try await scene.start()

        try await Self.show(scene, "a.example.com", at: listener, expect: wild, "the wildcard")
        try await Self.show(scene, "a.b.example.com", at: listener, expect: usual, "the default")
        try await Self.show(scene, "example.com", at: listener, expect: usual, "the default")
    }

    private static let kindOfKey = Check(
        "tls.certificates.ecdsa-before-rsa",
        "Of two certificates for one name the client is shown the ECDSA one if it can use it, and the RSA one otherwise.",
        rows: ["ALB-TLS-007", "INT-AC-003"],
        feature: Self.feature,
        reference: .certificates,
        kills: [.tlsRSAPreferred],
        lookAt: "the order in which certificates for the same name are preferred"
    ) { scene in
        let usual = try TLSMaterial.server("default", "default.example.com")
        let rsa = try TLSMaterial.server("rsa", "shop.example.com", key: .rsa(bits: 2048))
        let ecdsa = try TLSMaterial.server("ecdsa", "shop.example.com")
        let listener = try scene.secureListener(
            ListenerTLS(defaultCertificate: usual.certificate, certificates: [rsa.certificate, ecdsa.certificate]),
            default: .answer(200)
        )
        try await scene.start()

        try await Self.show(scene, "shop.example.com", at: listener, expect: ecdsa, "the ECDSA one")
        var old = try TLSMaterial.client()
        old.maximumVersion = .v12
        old.cipherSuites = "ECDHE-RSA-AES128-GCM-SHA256"
        try await Self.show(scene, "shop.example.com", at: listener, expect: rsa, "the RSA one", tls: old)
    }

    private static let replaced = Check(
        "tls.certificates.replaced",
        "A replaced certificate is shown to new connections, and a request under way is not disturbed.",
        rows: ["ALB-TLS-011", "INT-AC-006"],
        feature: Self.feature,
        reference: .certificates,
        kills: [.tlsCertificateKept],
        lookAt: "which connections see a change of certificates",
        setting: Setting(reloads: true)
    ) { scene in
        let old = try TLSMaterial.server("old", "shop.example.com")
        var new = try TLSMaterial.server("new", "shop.example.com")
        new.certificate.arn = old.certificate.arn
        let slow = try await scene.group("slow")
        let listener = try scene.secureListener(ListenerTLS(defaultCertificate: old.certificate), default: slow.forward)
        try await scene.start()

        let tls = try TLSMaterial.client()
        async let underWay = scene.sendSecure("/slow?elb-delay=1200", as: "shop.example.com", to: listener, tls: tls)
        _ = try await scene.busyBackend(of: slow)
        let certificate = new.certificate
        try await scene.reload { part in
            for index in part.listeners.indices { part.listeners[index].tls?.defaultCertificate = certificate }
        }
        let after = await scene.sendSecure(as: "shop.example.com", to: listener, tls: tls)
        let before = await underWay
        try scene.expect(before, reached: slow)
        try scene.expect("shown before", of: before, before.shownSerialNumber, is: old.serialNumber)
        try scene.expect(after, reached: slow)
        try scene.expect("shown afterwards", of: after, after.shownSerialNumber, is: new.serialNumber)
    }
}
