import ArgumentParser

/// CPU time per request of HTTP/2 clients, taken to a backend over HTTP/1.1, beside the other proxies.
struct HTTP2Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "h2",
        abstract: "Measure CPU per HTTP/2 request beside other proxies.",
        discussion: """
            Clients (h2load) speak HTTP/2 over TLS, the backend HTTP/1.1. \(MeasurementOptions.method)

            Example: elblab-bench h2 --connections 4 --streams 32
            """
    )

    @OptionGroup var options: MeasurementOptions
    @OptionGroup var multiplexing: MultiplexingOptions

    func run() throws {
        try ProxyMeasurement(options: self.options, traffic: .http2).run([
            self.multiplexing.generator.requests(
                title: "HTTP/2 requests over TLS, \(self.multiplexing.text), HTTP/1.1 to the backend"
            )
        ])
    }
}

/// How HTTP/2's clients share connections.
struct MultiplexingOptions: ParsableArguments {
    @Option(help: "Connections.")
    var connections = 4

    @Option(help: "Streams at once on each connection.")
    var streams = 32

    var text: String { "\(self.connections) connections of \(self.streams) streams" }

    var generator: H2Load {
        get throws { try H2Load(connections: self.connections, streams: self.streams) }
    }
}
