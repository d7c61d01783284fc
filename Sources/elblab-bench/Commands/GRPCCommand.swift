import ArgumentParser

/// CPU time per unary gRPC call, HTTP/2 on both sides, beside the other proxies.
struct GRPCCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grpc",
        abstract: "Measure CPU per unary gRPC call beside other proxies.",
        discussion: """
            Clients (h2load) speak HTTP/2 over TLS, the backend HTTP/2 in clear text; a call sends one message of 13 bytes and gets \
            one back, and a status in trailers. \(MeasurementOptions.method)

            Example: elblab-bench grpc --rounds 3 --seconds 3
            """
    )

    @OptionGroup var options: MeasurementOptions
    @OptionGroup var multiplexing: MultiplexingOptions

    func run() throws {
        try ProxyMeasurement(options: self.options, traffic: .grpc).run([
            self.multiplexing.generator.calls(
                title: "unary gRPC calls over TLS, \(self.multiplexing.text), HTTP/2 in clear text to the backend"
            )
        ])
    }
}
