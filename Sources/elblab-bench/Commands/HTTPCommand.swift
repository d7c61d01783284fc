import ArgumentParser

/// CPU time per proxied keep-alive request, beside HAProxy and nginx, in one run on one machine.
struct HTTPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "Measure CPU per request and requests per second beside HAProxy and nginx.",
        discussion: """
            Every proxy has one worker and the same backend and load (wrk). Proxies are pinned to one core and everything else to \
            the others where taskset is installed. Ours runs with 100 rules, health checks, metrics and access log; the others \
            with what they need to forward. CPU is user plus system time of the proxy's process.
            """
    )

    @OptionGroup var options: MeasurementOptions

    @Option(help: "Keep-alive connections.")
    var connections = 64

    @Flag(help: "Clients speak TLS 1.3; the proxies have the same P-256 certificate.")
    var tls = false

    func run() throws {
        let wrk = try Wrk(connections: self.connections)
        let scheme = self.tls ? "https" : "http"
        try ProxyMeasurement(options: self.options, front: self.tls ? .https : .http).run { port, seconds, folder in
            try wrk.load(scheme: scheme, port: port, seconds: seconds, folder)
        }
    }
}
