import Glibc

/// A client of the measurement of datagrams: its own port, and a number of datagrams under way.
struct DatagramClient {
    let descriptor: CInt
    /// Datagrams that have not come back.
    private(set) var missing = 0
    private var payload = [UInt8](repeating: 0x78, count: 64)

    init(port: UInt16) throws {
        self.descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard self.descriptor >= 0 else { throw ChildProcess.Failure(description: "no socket; see ulimit -n") }
        // Not from the backend's own address: a Network Load Balancer shows it its clients', and from itself it takes nothing.
        var own = Loopback.address(port: 0)
        own.sin_addr.s_addr = UInt32(0x7f00_0003).bigEndian
        for (address, call) in [(own, Glibc.bind), (Loopback.address(port: port), Glibc.connect)] {
            _ = withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    call(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    mutating func send() {
        if Glibc.send(self.descriptor, self.payload, self.payload.count, 0) == self.payload.count { self.missing += 1 }
    }

    /// How many have come back since.
    mutating func receive() -> Int {
        var count = 0
        while recv(self.descriptor, &self.payload, self.payload.count, 0) == self.payload.count { count += 1 }
        self.missing -= min(count, self.missing)
        return count
    }

    /// Waits for a moment.
    ///
    /// - Returns: the positions of those that have something to read.
    static func wait(_ clients: [Self], milliseconds: CInt) -> [Int] {
        var polls = clients.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        guard poll(&polls, nfds_t(polls.count), milliseconds) > 0 else { return [] }
        return polls.indices.filter { polls[$0].revents != 0 }
    }

    /// Waits until a datagram comes back.
    static func waitForEcho(port: UInt16, seconds: Int) throws {
        var client = try Self(port: port)
        defer { close(client.descriptor) }
        for _ in 0..<(seconds * 20) {
            client.send()
            // Not by `poll`: it returns at once while nobody listens.
            usleep(50_000)
            if client.receive() > 0 { return }
        }
        throw ChildProcess.Failure(description: "nothing answers datagrams on port \(port) after \(seconds) s")
    }
}
