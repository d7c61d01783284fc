import ArgumentParser

/// CPU time per connection through a Network Load Balancer, beside proxies of the same layer.
struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Measure CPU per TCP connection beside other proxies.",
        discussion: """
            Clients (wrk) send one request over each connection. As for tcp in all else. \(MeasurementOptions.method)

            Example: elblab-bench connect --rounds 3 --at-most 1.1
            """
    )

    @OptionGroup var options: MeasurementOptions

    @Option(help: "Connections at once.")
    var connections = 64

    func run() throws {
        let wrk = try Wrk(connections: self.connections)
        try ProxyMeasurement(options: self.options, traffic: .tcp).run([
            wrk.connections(title: "connections with one round trip each, \(self.connections) at once")
        ])
    }
}
