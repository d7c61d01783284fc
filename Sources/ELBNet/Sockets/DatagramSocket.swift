import CSockets
package import ELBModel
import Glibc

/// A UDP socket without anything around it, which never blocks. Whoever has it closes it, once.
package struct DatagramSocket: Hashable, Sendable {
    package let descriptor: CInt

    /// What may wait in the system for a listener while whoever reads is busy elsewhere.
    private static let receiveBuffer: CInt = 4 << 20

    /// A socket that has an address of this machine's.
    ///
    /// - Parameter port: 0 leaves the choice to the system.
    package static func bound(to address: IPAddress, port: UInt16) throws(SocketFailure) -> Self {
        let kind = CInt(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = try SocketFailure.checkCall(socket(SystemAddress.family(of: address), kind, 0))
        let socket = Self(descriptor: descriptor)
        do throws(SocketFailure) {
            if port != 0 {
                var size = Self.receiveBuffer
                setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
            }
            _ = try SocketFailure.checkCall(SystemAddress.with(address, port: port) { bind(descriptor, $0, $1) })
        } catch {
            socket.close()
            throw error
        }
        return socket
    }

    /// Takes datagrams from that address only from now on, and sends there.
    package func connect(to endpoint: Endpoint) throws(SocketFailure) {
        let port = endpoint.port.rawValue
        _ = try SocketFailure.checkCall(
            SystemAddress.with(endpoint.address, port: port) { Glibc.connect(self.descriptor, $0, $1) }
        )
    }

    /// Sends to the address that the socket is connected to. What the system does not take is lost, as on any way of datagrams.
    package func send(_ bytes: UnsafeRawBufferPointer) {
        _ = Glibc.send(self.descriptor, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
    }

    package func close() {
        Glibc.close(self.descriptor)
    }
}

/// Room for many datagrams, and for the addresses that they come from or go to: what is received into it by one call can be sent out of
/// it by another. Memory that no datagram fills is never touched.
package final class DatagramBatch {
    /// Where a datagram came from, in the system's form.
    package struct Sender: Sendable {
        fileprivate var storage: sockaddr_storage
        fileprivate var length: socklen_t

        /// In the model's form.
        package var parts: (IPAddress, UInt16) { SystemAddress.parts(of: self.storage) }
    }

    /// How many datagrams there is room for.
    package static let capacity = Int(ELBLAB_MOST_DATAGRAMS)
    /// More than any datagram has.
    private static let room = 65_536

    private let bytes: UnsafeMutableRawBufferPointer
    private let datagrams: UnsafeMutablePointer<elblab_datagram>
    private let addresses: UnsafeMutablePointer<sockaddr_storage>
    /// How many it holds.
    package private(set) var count = 0

    package init() {
        self.bytes = .allocate(byteCount: Self.capacity * Self.room, alignment: 4096)
        self.datagrams = .allocate(capacity: Self.capacity)
        self.datagrams.initialize(repeating: elblab_datagram(), count: Self.capacity)
        self.addresses = .allocate(capacity: Self.capacity)
        self.addresses.initialize(repeating: sockaddr_storage(), count: Self.capacity)
        for index in 0..<Self.capacity {
            self.datagrams[index].bytes = self.bytes.baseAddress.map { $0 + index * Self.room }
        }
    }

    deinit {
        self.bytes.deallocate()
        self.datagrams.deallocate()
        self.addresses.deallocate()
    }

    package func removeAll() {
        self.count = 0
    }

    package var isFull: Bool { self.count == Self.capacity }

    /// A datagram that the batch holds.
    package subscript(index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: self.datagrams[index].bytes, count: self.datagrams[index].length)
    }

    /// Where it came from.
    package func sender(of index: Int) -> Sender {
        Sender(storage: self.addresses[index], length: self.datagrams[index].address_length)
    }

    /// Adds what has come, for as much as there is room, without waiting for any.
    ///
    /// - Parameter answerTo: whom the datagrams are for; `nil` notes where they come from.
    /// - Returns: how many; none if the socket has no more, or only errors of datagrams sent before.
    package func receive(from socket: DatagramSocket, answerTo: Sender? = nil) -> Int {
        for index in self.count..<Self.capacity {
            self.datagrams[index].length = Self.room
            self.datagrams[index].address = answerTo == nil ? self.addresses + index : nil
        }
        let number = elblab_receive_datagrams(
            socket.descriptor,
            self.datagrams + self.count,
            CInt(Self.capacity - self.count)
        )
        guard number > 0 else { return 0 }
        if let answerTo {
            for index in self.count..<(self.count + Int(number)) {
                self.addresses[index] = answerTo.storage
                self.datagrams[index].address = self.addresses + index
                self.datagrams[index].address_length = answerTo.length
            }
        }
        self.count += Int(number)
        return Int(number)
    }

    /// Sends all to where they are for. What the system does not take is lost, as on any way of datagrams.
    package func sendAll(to socket: DatagramSocket) {
        var sent = 0
        while sent < self.count {
            let number = elblab_send_datagrams(socket.descriptor, self.datagrams + sent, CInt(self.count - sent))
            // An error concerns the first of them.
            sent += max(1, Int(number))
        }
        self.count = 0
    }

    /// Sends a run of them to the one that the socket is connected to.
    package func send(_ range: Range<Int>, to socket: DatagramSocket) {
        for index in range { self.datagrams[index].address = nil }
        var sent = range.lowerBound
        while sent < range.upperBound {
            let number = elblab_send_datagrams(
                socket.descriptor,
                self.datagrams + sent,
                CInt(range.upperBound - sent)
            )
            sent += max(1, Int(number))
        }
    }
}
