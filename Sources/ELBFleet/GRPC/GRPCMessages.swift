/// gRPC's framing of messages: a flag, four bytes of length, the message.
package enum GRPCMessages {
    /// The longest message, as in gRPC's own libraries: 4 MiB.
    package static let longest = 4 << 20

    package static func framed(_ message: some Collection<UInt8>) -> [UInt8] {
        let length = message.count
        return [
            0, UInt8(length >> 24 & 0xFF), UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF),
        ]
            + Array(message)
    }

    /// Why bytes are no message, as a status of gRPC.
    package struct Problem: Error, Hashable, Sendable {
        package let status: Int
        package let message: String
    }

    /// Reads messages from bytes that come in pieces of any size.
    package struct Reader: Sendable {
        private var buffer: [UInt8] = []
        private var start = 0

        package init() {}

        /// Whether a message has begun and has not ended.
        package var isInside: Bool { self.start < self.buffer.count }

        package mutating func append(_ bytes: some Sequence<UInt8>) {
            self.buffer += bytes
        }

        /// The next whole message, or `nil`.
        package mutating func next() throws(Problem) -> [UInt8]? {
            let bytes = self.buffer[self.start...]
            guard bytes.count >= 5 else { return self.wait() }
            guard bytes[bytes.startIndex] == 0 else {
                throw Problem(status: 12, message: "compressed messages are not understood")
            }
            let length = bytes.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard length <= GRPCMessages.longest else {
                throw Problem(status: 8, message: "a message of \(length) bytes is too long")
            }
            guard bytes.count >= 5 + length else { return self.wait() }
            self.start += 5 + length
            return Array(bytes.dropFirst(5).prefix(length))
        }

        private mutating func wait() -> [UInt8]? {
            if self.start > 0 {
                self.buffer.removeSubrange(..<self.start)
                self.start = 0
            }
            return nil
        }
    }
}
