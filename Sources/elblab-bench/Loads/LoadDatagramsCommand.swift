import ArgumentParser
import Glibc

/// The clients of the measurement of datagrams.
struct LoadDatagramsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-datagrams",
        abstract: "Send datagrams and wait for their echoes; used by the measurements.",
        shouldDisplay: false
    )

    @Option(help: "Port on 127.0.0.1.")
    var port: UInt16

    @Option(help: "How long.")
    var seconds: Int

    @Option(help: "Clients, each with a port of its own.")
    var clients: Int

    /// Datagrams of each client that are under way at once: few enough that no socket's room runs out.
    private static let window = 8

    func run() throws {
        var clients: [DatagramClient] = []
        for _ in 0..<self.clients { clients.append(try DatagramClient(port: self.port)) }
        let end = ContinuousClock.now + .seconds(self.seconds)
        var (echoes, lost) = (0, 0)
        for index in clients.indices { for _ in 0..<Self.window { clients[index].send() } }
        while ContinuousClock.now < end {
            let ready = DatagramClient.wait(clients, milliseconds: 200)
            for index in ready {
                let count = clients[index].receive()
                echoes += count
                for _ in 0..<count { clients[index].send() }
            }
            guard ready.isEmpty else { continue }
            // Nothing at all for so long: what is missing is lost.
            for index in clients.indices {
                lost += clients[index].missing
                clients[index] = try DatagramClient(port: self.port)
                for _ in 0..<Self.window { clients[index].send() }
            }
        }
        print("\(echoes) echoes, \(lost) lost")
    }
}
