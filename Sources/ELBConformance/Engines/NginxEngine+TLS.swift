internal import ELBFleet
internal import ELBModel

// HTTPS listeners of nginx. Which certificate a client gets is found by maps from the name that it asks for; the file that a map
// names is read when the connection comes. Where names have certificates of several kinds of key there is a map for each, and
// OpenSSL takes the kind that suits the client.
extension NginxEngine {
    static func tls(
        _ listener: Listener,
        _ prefix: String,
        _ folder: String
    ) throws(Inexpressible) -> (maps: String, lines: [String]) {
        guard let policy = try listener.tls?.knownPolicy() else { return ("", []) }
        let paths = try listener.certificates().indices.map { "\(folder)/\(listener.certificateName($0))" }
        var byName: [(name: String, paths: [String])] = []
        for (certificate, path) in zip(try listener.certificates(), paths).dropFirst() {
            for name in try certificate.names().names.map({ $0.lowercased() }) {
                if let index = byName.firstIndex(where: { $0.name == name }) {
                    byName[index].paths.append(path)
                } else {
                    byName.append((name, [path]))
                }
            }
        }
        let kinds = byName.map(\.paths.count).max() ?? 1
        var maps = ""
        var lines: [String] = []
        for kind in 0..<kinds {
            let entries = byName.map { entry in
                // Who has fewer has one of them several times.
                "\"\(Self.pattern(entry.name))\" \(entry.paths[min(kind, entry.paths.count - 1)]);"
            }
            let variable = "$\(prefix)_certificate_\(kind)"
            maps +=
                "    map $ssl_server_name \(variable) { default \(paths[0]); \(entries.joined(separator: " ")) }\n"
            lines += ["ssl_certificate \(variable);", "ssl_certificate_key \(variable);"]
        }
        lines.append("ssl_protocols \(policy.versions.map(\.name).joined(separator: " "));")
        if let ciphers = policy.ciphers { lines.append("ssl_ciphers \(ciphers);") }
        if let ciphers = policy.ciphers13 { lines.append("ssl_conf_command Ciphersuites \(ciphers);") }
        lines.append("ssl_prefer_server_ciphers on;")
        return (maps, lines)
    }

    /// A wildcard is one label.
    private static func pattern(_ name: String) -> String {
        guard name.hasPrefix("*.") else { return name }
        return "~*^[^.]+[.]\(Wildcards.literal(String(name.dropFirst(2))))$"
    }
}
