import ELBControlPlane

/// A file of curl's that says where the lab's names are: curl asks no name server but the system's.
struct CurlNames: Sendable {
    let path: String

    /// How often the lab is asked. A name is there before anybody has typed it.
    private static let interval = Duration.milliseconds(300)

    /// Makes the file say what the lab is now.
    func write(_ state: LabState) throws {
        try TextFile.write(Self.text(state), to: self.path)
    }

    /// Follows the lab until cancelled. While it does not answer, the last names stay.
    func follow(_ client: LabClient) async {
        var known = ""
        while (try? await Task.sleep(for: Self.interval)) != nil {
            guard let state = try? await client.state() else { continue }
            let text = Self.text(state)
            if text != known { try? TextFile.write(text, to: self.path) }
            known = text
        }
    }

    /// One line per name and port, with the addresses that the name stands for now; curl tries them in turn. A zone's own name always
    /// stands for its node.
    private static func text(_ state: LabState) -> String {
        var lines: [String] = []
        for loadBalancer in state.loadBalancers {
            let published = loadBalancer.nodes.filter { $0.published ?? true }.map(\.address).joined(separator: ",")
            let names = Self.names(of: loadBalancer.dnsName, state.recordSets ?? [])
            for listener in loadBalancer.listeners {
                let place = "\(loadBalancer.dnsName):\(listener.port)"
                // Curl takes no name without addresses.
                if !published.isEmpty {
                    lines += names.map { "resolve = \"\($0):\(listener.port):\(published)\"" }
                }
                for node in loadBalancer.nodes {
                    lines.append("resolve = \"\(node.zone).\(place):\(node.address)\"")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The name, and those of hosted zones that lead to it.
    private static func names(of dnsName: String, _ records: [LabState.NamedRecord]) -> [String] {
        var names = [dnsName]
        while true {
            let known = Set(names.map { $0.lowercased() })
            let more = records.filter { known.contains($0.target) && !known.contains($0.name) }.map(\.name)
            guard !more.isEmpty else { return names }
            names += more
        }
    }
}
