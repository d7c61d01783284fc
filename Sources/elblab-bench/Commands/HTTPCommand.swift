import ArgumentParser

/// CPU time per proxied keep-alive request, beside the other proxies, in one run on one machine.
struct HTTPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "Measure CPU per HTTP/1.1 request and requests per second beside other proxies.",
        discussion: """
            Clients (wrk) speak HTTP/1.1 in clear text; `elblab-bench tls` is the same over TLS. \(MeasurementOptions.method)

            Examples:
              elblab-bench http --rounds 5 --seconds 3
              elblab-bench http --only elblab --only haproxy --at-most 1.1
            """
    )

    @OptionGroup var options: MeasurementOptions

    @Option(help: "Keep-alive connections.")
    var connections = 64

    func run() throws {
        let wrk = try Wrk(connections: self.connections)
        try ProxyMeasurement(options: self.options, traffic: .http1).run([
            wrk.requests(scheme: "http", title: "HTTP/1.1 requests over \(self.connections) connections that stay open")
        ])
    }
}
