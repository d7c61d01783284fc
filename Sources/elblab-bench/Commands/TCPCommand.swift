import ArgumentParser

/// CPU time per round trip through a Network Load Balancer, beside proxies of the same layer.
struct TCPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tcp",
        abstract: "Measure CPU per TCP round trip beside other proxies.",
        discussion: """
            Clients (wrk) send a request and wait for its answer; the proxies look into neither. HAProxy runs in mode tcp, nginx with \
            its stream module where that is installed (libnginx-mod-stream); ours is a Network Load Balancer with health checks and \
            metrics, and has neither rules nor an access log. \(MeasurementOptions.method)

            Example: elblab-bench tcp --rounds 3 --seconds 3 --at-most 1.0
            """
    )

    @OptionGroup var options: MeasurementOptions

    @Option(help: "Connections at once.")
    var connections = 64

    func run() throws {
        let wrk = try Wrk(connections: self.connections)
        try ProxyMeasurement(options: self.options, traffic: .tcp).run([
            wrk.requests(scheme: "http", title: "round trips over \(self.connections) connections that stay open")
        ])
    }
}
