import ArgumentParser

/// CPU time per megabyte that goes through a Network Load Balancer, beside proxies of the same layer.
struct BulkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulk",
        abstract: "Measure CPU per megabyte carried beside other proxies.",
        discussion: """
            Clients (wrk) fetch answers of one megabyte over connections that stay open; the proxies look into nothing. \
            \(MeasurementOptions.method)

            Example: elblab-bench bulk --rounds 3 --at-most 0.6
            """
    )

    @OptionGroup var options: MeasurementOptions

    @Option(help: "Connections at once.")
    var connections = 8

    func run() throws {
        let wrk = try Wrk(connections: self.connections)
        try ProxyMeasurement(options: self.options, traffic: .bulk).run([
            wrk.requests(scheme: "http", title: "megabytes over \(self.connections) connections", unit: "megabyte")
        ])
    }
}
