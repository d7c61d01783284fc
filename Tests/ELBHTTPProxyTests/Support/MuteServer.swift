import Glibc

/// A port whose connections nobody accepts: the system completes the first ones and takes bytes as far as its buffers reach;
/// nothing is ever read or answered. Once its queue is full, further connection attempts get no answer at all.
final class MuteServer: Sendable {
    private let descriptor: CInt
    private let fillers: [CInt]
    let port: UInt16

    /// - Parameter isFull: whether the queue is filled, so that attempts to connect stay unanswered.
    init(isFull: Bool = false) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, isFull ? 0 : 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isListening else {
            Glibc.close(descriptor)
            throw RawClient.Failure(text: "listen: \(String(cString: strerror(errno)))")
        }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: address.sin_port)
        var fillers: [CInt] = []
        for _ in 0..<(isFull ? 4 : 0) {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = Glibc.connect(filler, $0, length) }
            }
            fillers.append(filler)
        }
        self.fillers = fillers
    }

    func close() {
        for filler in self.fillers { Glibc.close(filler) }
        Glibc.close(self.descriptor)
    }
}
