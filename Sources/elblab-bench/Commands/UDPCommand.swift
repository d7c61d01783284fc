import ArgumentParser

/// CPU time per datagram that goes through a Network Load Balancer and comes back, beside proxies of the same layer.
struct UDPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "udp",
        abstract: "Measure CPU per datagram and its echo beside other proxies.",
        discussion: """
            Clients send datagrams of 64 bytes, eight each at once, and the next when one is back. nginx runs with its stream module \
            where that is installed (libnginx-mod-stream), Envoy with its UDP proxy; HAProxy has none. \(MeasurementOptions.method)

            Example: elblab-bench udp --clients 64 --rounds 3 --at-most 1.0
            """
    )

    @OptionGroup var options: MeasurementOptions

    @Option(help: "Clients, each a flow of its own.")
    var clients = 64

    func run() throws {
        let clients = self.clients
        let load = Load(title: "datagrams of \(clients) clients and their echoes", unit: "datagram") {
            port,
            seconds,
            folder in
            let output = folder.file("datagrams.txt")
            let command = [
                System.ownPath, "load-datagrams", "--port", "\(port)", "--seconds", "\(seconds)", "--clients",
                "\(clients)",
            ]
            try ChildProcess(ProxyMeasurement.pinned(command, toProxyCore: false), output: output).wait()
            let numbers = try TextFile.read(output).split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
            guard numbers.count == 2 else { return Load.Count() }
            return Load.Count(done: numbers[0], errors: numbers[1])
        }
        try ProxyMeasurement(options: self.options, traffic: .udp).run([load])
    }
}
