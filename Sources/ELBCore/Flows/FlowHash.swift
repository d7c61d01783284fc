package import ELBModel

/// What makes a flow what it is, and with it where it goes: the same numbers give the same place (NLB-FH-001, -002).
///
/// AWS does not say how it hashes. FNV-1a over the numbers, stirred once more, spreads what differs in one bit only.
package struct FlowHash: Hashable, Sendable {
    private var state: UInt64

    /// - Parameter seed: one per load balancer, so that nobody can choose his target by choosing his port.
    package init(seed: UInt64) {
        self.state = seed ^ 0xcbf2_9ce4_8422_2325
    }

    /// Of a TCP connection: the five numbers of every flow, and the sequence number of its SYN. No socket tells that; the
    /// connection's number at its node stands for it, it too is another one for every connection.
    package func tcp(from source: IPAddress, _ sourcePort: UInt16, to destination: Endpoint, sequence: UInt64) -> UInt64
    {
        var hash = self
        hash.add(6)
        hash.add(source, sourcePort, destination)
        hash.add(sequence)
        return hash.value
    }

    /// Of datagrams from one port to another.
    package func udp(from source: IPAddress, _ sourcePort: UInt16, to destination: Endpoint) -> UInt64 {
        var hash = self
        hash.add(17)
        hash.add(source, sourcePort, destination)
        return hash.value
    }

    /// Of everything that comes from an address (NLB-SK-002, NLB-WT-006).
    package func source(_ source: IPAddress) -> UInt64 {
        var hash = self
        hash.add(source)
        return hash.value
    }

    private mutating func add(_ source: IPAddress, _ sourcePort: UInt16, _ destination: Endpoint) {
        self.add(source)
        self.add(destination.address)
        self.add(UInt64(sourcePort) << 16 | UInt64(destination.port.rawValue))
    }

    private mutating func add(_ address: IPAddress) {
        switch address {
        case .v4(let address): self.add(UInt64(address.rawValue))
        case .v6(let address):
            self.add(address.high)
            self.add(address.low)
        }
    }

    private mutating func add(_ number: UInt64) {
        self.state = (self.state ^ number) &* 0x100_0000_01b3
        self.state ^= self.state >> 29
    }

    private var value: UInt64 {
        var generator = SplitMix64(seed: self.state)
        return generator.next()
    }
}
