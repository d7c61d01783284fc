import ArgumentParser

/// What TLS costs: handshakes, full and resumed, and requests over connections that stay open.
struct TLSCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tls",
        abstract: "Measure CPU per TLS handshake, full and resumed, and per request over TLS beside other proxies.",
        discussion: """
            TLS 1.3 and one P-256 certificate for all proxies. Handshakes are made by `openssl s_time`: each connection carries one \
            request, since a session's ticket comes after its handshake. Only a handshake of which OpenSSL says that it was \
            resumed counts as resumed; the others count as errors. Requests over connections that stay open are sent by wrk. \
            A client's side of a full handshake costs more than a server's, so that on a machine of two cores handshakes per \
            second are the client's limit; CPU per handshake is the proxy's. \(MeasurementOptions.method)

            Examples:
              elblab-bench tls
              elblab-bench tls --measure resumed --only elblab --only nginx
            """
    )

    /// What can be measured.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case full
        case resumed
        case requests
    }

    @OptionGroup var options: MeasurementOptions

    @Option(help: "Measure only this part; may be repeated.")
    var measure: [Part] = []

    @Option(help: "Clients that make handshakes at the same time.")
    var clients = 8

    @Option(help: "Keep-alive connections.")
    var connections = 64

    func run() throws {
        let parts = self.measure.isEmpty ? Part.allCases : self.measure
        let loads = try parts.map { part in
            switch part {
            case .full: try OpenSSLTime(clients: self.clients).handshakes(.full)
            case .resumed: try OpenSSLTime(clients: self.clients).handshakes(.resumed)
            case .requests:
                try Wrk(connections: self.connections).requests(
                    scheme: "https",
                    title: "HTTP/1.1 requests over \(self.connections) TLS connections that stay open"
                )
            }
        }
        try ProxyMeasurement(options: self.options, traffic: .http1OverTLS).run(loads)
    }
}
