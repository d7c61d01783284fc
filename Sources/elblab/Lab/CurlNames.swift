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

    /// One line per name and port; curl tries the addresses in turn.
    private static func text(_ state: LabState) -> String {
        var lines: [String] = []
        for loadBalancer in state.loadBalancers {
            let addresses = loadBalancer.nodes.map(\.address).joined(separator: ",")
            for listener in loadBalancer.listeners {
                lines.append("resolve = \"\(loadBalancer.dnsName):\(listener.port):\(addresses)\"")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
