internal import ELBModel

// TLS in Envoy's words. Its own library reads the certificates: it finds the one for a client by name and by kind of key, and takes the
// first where no name fits.
extension EnvoyResources {
    /// What a listener speaks below HTTP; `nil` for clear text.
    func security(of listener: Listener) throws(Inexpressible) -> JSONText? {
        guard let policy = try listener.tls?.knownPolicy() else { return nil }
        let certificates = try listener.certificates().map { certificate in
            JSONText.object([
                ("certificate_chain", Self.inline(certificate.chain)), ("private_key", Self.inline(certificate.key)),
            ])
        }
        var parameters: [(String, JSONText)] = [
            ("tls_minimum_protocol_version", Self.version(policy.oldest)),
            ("tls_maximum_protocol_version", Self.version(policy.newest)),
        ]
        // The library has not all of AWS's suites, and lets nobody choose those of TLS 1.3.
        let suites = policy.offeredByLab.filter { !$0.isTLS13 }.map { JSONText.string($0.name) }
        if !suites.isEmpty { parameters.append(("cipher_suites", .array(suites))) }
        let protocols = listener.alpnProtocols(self.configuration.loadBalancer.attributes)
        let context = JSONText.object([
            Self.type("extensions.transport_sockets.tls.v3.DownstreamTlsContext"),
            (
                "common_tls_context",
                .object([
                    ("tls_params", .object(parameters)), ("tls_certificates", .array(certificates)),
                    ("alpn_protocols", .array(protocols.map { .string($0) })),
                ])
            ),
        ])
        return .object([("name", "envoy.transport_sockets.tls"), ("typed_config", context)])
    }

    /// What is spoken with targets; nobody looks at their certificates. Probes may differ, and find what they speak by a mark.
    static func security(towards group: TargetGroup) -> [(String, JSONText)] {
        var members: [(String, JSONText)] = []
        if group.protocol == .https { members.append(("transport_socket", Self.upstreamTLS)) }
        guard group.protocol != group.healthCheck.protocol else { return members }
        let match = JSONText.object([
            ("name", "probes"), ("match", Self.ofProbes),
            ("transport_socket", group.healthCheck.protocol == .https ? Self.upstreamTLS : Self.clearText),
        ])
        return members + [("transport_socket_matches", .array([match]))]
    }

    static func security(ofProbesOf group: TargetGroup) -> [(String, JSONText)] {
        group.protocol == group.healthCheck.protocol ? [] : [("transport_socket_match_criteria", Self.ofProbes)]
    }

    private static let ofProbes = JSONText.object([("probe", .boolean(true))])

    private static let upstreamTLS = JSONText.object([
        ("name", "envoy.transport_sockets.tls"),
        ("typed_config", .object([Self.type("extensions.transport_sockets.tls.v3.UpstreamTlsContext")])),
    ])

    private static let clearText = JSONText.object([
        ("name", "envoy.transport_sockets.raw_buffer"),
        ("typed_config", .object([Self.type("extensions.transport_sockets.raw_buffer.v3.RawBuffer")])),
    ])

    private static func inline(_ text: String) -> JSONText { .object([("inline_string", .string(text))]) }

    private static func version(_ version: TLSVersion) -> JSONText {
        switch version {
        case .v10: "TLSv1_0"
        case .v11: "TLSv1_1"
        case .v12: "TLSv1_2"
        case .v13: "TLSv1_3"
        }
    }
}
