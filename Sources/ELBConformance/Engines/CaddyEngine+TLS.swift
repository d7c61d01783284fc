internal import ELBFleet
internal import ELBModel

// HTTPS listeners of Caddy. It has one store of certificates for all listeners, so that each certificate bears the names of those that
// may show it.
extension CaddyEngine {
    /// The app that holds certificates; nothing if no listener has one.
    static func certificates(_ listeners: [Listener]) throws(Inexpressible) -> [(String, JSONText)] {
        var found: [(certificate: EngineCertificate, isECDSA: Bool, marks: [JSONText])] = []
        for listener in listeners {
            for (index, certificate) in try listener.certificates().enumerated() {
                let mark = JSONText.string(Self.mark(listener, isDefault: index == 0))
                if let index = found.firstIndex(where: { $0.certificate == certificate }) {
                    found[index].marks.append(mark)
                } else {
                    found.append((certificate, try certificate.names().isECDSA, [mark]))
                }
            }
        }
        guard !found.isEmpty else { return [] }
        // Of several that suit a client the first is shown.
        let ordered = found.filter(\.isECDSA) + found.filter { !$0.isECDSA }
        let loaded = ordered.map { entry in
            JSONText.object([
                ("certificate", .string(entry.certificate.chain)), ("key", .string(entry.certificate.key)),
                ("tags", .array(entry.marks)),
            ])
        }
        return [("tls", .object([("certificates", .object([("load_pem", .array(loaded))]))]))]
    }

    /// How a listener speaks TLS; nothing if it does not. Who asks for a name of its list is shown one of these, anybody else the default.
    static func connectionPolicies(
        _ listener: Listener,
        _ attributes: LoadBalancerAttributes
    ) throws(Inexpressible) -> [(String, JSONText)] {
        guard let policy = try listener.tls?.knownPolicy() else { return [] }
        guard !attributes.tlsVersionAndCipherSuiteEnabled else {
            throw Inexpressible(
                "Caddy has other words than AWS for the versions and suites of TLS that targets are told"
            )
        }
        guard policy.newest >= .v12 else { throw Inexpressible("Caddy has no TLS before 1.2") }
        let settings: [(String, JSONText)] = [
            ("alpn", .array(listener.alpnProtocols(attributes).map { .string($0) })),
            ("protocol_min", Self.version(policy.oldest)), ("protocol_max", Self.version(policy.newest)),
        ]
        var policies: [JSONText] = []
        let names = try listener.certificates().dropFirst().map { certificate throws(Inexpressible) in
            try certificate.names().names
        }
        let list = Set(names.joined()).sorted().map { JSONText.string($0) }
        if !list.isEmpty {
            let match: (String, JSONText) = ("match", .object([("sni", .array(list))]))
            policies.append(.object([match, Self.selection(listener, isDefault: false)] + settings))
        }
        policies.append(.object([Self.selection(listener, isDefault: true)] + settings))
        return [("tls_connection_policies", .array(policies))]
    }

    private static func selection(_ listener: Listener, isDefault: Bool) -> (String, JSONText) {
        let mark = JSONText.string(Self.mark(listener, isDefault: isDefault))
        return ("certificate_selection", .object([("any_tag", .array([mark]))]))
    }

    private static func mark(_ listener: Listener, isDefault: Bool) -> String {
        "port-\(listener.port)-\(isDefault ? "default" : "list")"
    }

    private static func version(_ version: TLSVersion) -> JSONText { version == .v13 ? "tls1.3" : "tls1.2" }
}
