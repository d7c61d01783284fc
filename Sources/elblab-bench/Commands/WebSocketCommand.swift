import ArgumentParser

/// CPU time per message that goes through an open WebSocket and comes back, beside the other proxies.
struct WebSocketCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ws",
        abstract: "Measure CPU per WebSocket round trip beside other proxies.",
        discussion: """
            Each client opens a WebSocket in clear text, sends a text message of 32 bytes, and the next when its echo is back. \
            Clients and backend are our own and run outside the proxies' core. \(MeasurementOptions.method)

            Example: elblab-bench ws --connections 64 --rounds 3
            """
    )

    @OptionGroup var options: MeasurementOptions

    @Option(help: "WebSockets at once.")
    var connections = 64

    func run() throws {
        let load = WebSocketEcho(connections: self.connections)
        try ProxyMeasurement(options: self.options, traffic: .webSocket).run([
            load.roundTrips(title: "echoes through \(self.connections) WebSockets")
        ])
    }
}
