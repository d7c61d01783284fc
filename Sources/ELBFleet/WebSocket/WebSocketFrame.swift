/// One frame of RFC 6455, section 5.2.
package struct WebSocketFrame: Hashable, Sendable {
    package enum Opcode: UInt8, Sendable, CaseIterable {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        package var name: String { "\(self)" }

        /// Control frames are short and are never cut in pieces.
        package var isControl: Bool { self.rawValue >= 0x8 }
    }

    package var opcode: Opcode
    /// FIN: no continuation follows.
    package var isLast: Bool
    /// Unmasked.
    package var payload: [UInt8]
    /// The masking key as it stands on the wire; clients must mask, servers must not.
    package var mask: UInt32?

    package init(_ opcode: Opcode, _ payload: [UInt8] = [], isLast: Bool = true, mask: UInt32? = nil) {
        self.opcode = opcode
        self.isLast = isLast
        self.payload = payload
        self.mask = mask
    }

    /// A close frame; its payload is the code and the reason.
    package static func close(_ code: Int, _ reason: String = "", mask: UInt32? = nil) -> Self {
        let code = UInt16(truncatingIfNeeded: code)
        return Self(.close, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + Array(reason.utf8), mask: mask)
    }

    /// The code of a close frame; `nil` if it carries none, which means 1005.
    package var closeCode: Int? {
        guard self.opcode == .close, self.payload.count >= 2 else { return nil }
        return Int(self.payload[0]) << 8 | Int(self.payload[1])
    }

    package var text: String { String(decoding: self.payload, as: UTF8.self) }

    /// The frame as bytes for the wire.
    package var serialized: [UInt8] {
        var bytes = [(self.isLast ? 0x80 : 0) | self.opcode.rawValue]
        let maskBit: UInt8 = self.mask == nil ? 0 : 0x80
        let length = self.payload.count
        if length < 126 {
            bytes.append(maskBit | UInt8(length))
        } else if length <= Int(UInt16.max) {
            bytes += [maskBit | 126, UInt8(length >> 8), UInt8(length & 0xFF)]
        } else {
            bytes.append(maskBit | 127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(length >> shift & 0xFF)) }
        }
        guard let mask = self.mask else { return bytes + self.payload }
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: mask >> shift)) }
        return bytes + Self.masked(self.payload[...], by: mask)
    }

    /// Masking and unmasking are the same: exclusive or with the key's bytes in turn.
    static func masked(_ payload: ArraySlice<UInt8>, by mask: UInt32) -> [UInt8] {
        payload.enumerated().map { index, byte in
            byte ^ UInt8(truncatingIfNeeded: mask >> (24 - 8 * UInt32(index % 4)))
        }
    }
}

/// Reads frames from bytes that come in pieces of any size. No byte is looked at twice before its frame is whole.
package struct WebSocketFrameReader: Sendable {
    /// Bytes that are no frame, in words.
    package struct Problem: Error, Hashable, Sendable {
        package let message: String
        /// What a close frame says of it (RFC 6455, section 7.4.1).
        package let closeCode: Int
    }

    /// A longer payload is refused: 16 MiB.
    package static let longestPayload = 16 << 20

    private var buffer: [UInt8] = []
    private var start = 0

    package init() {}

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        self.buffer += bytes
    }

    /// The next whole frame, or `nil` when more bytes are needed.
    package mutating func next() throws(Problem) -> WebSocketFrame? {
        let bytes = self.buffer[self.start...]
        guard bytes.count >= 2 else { return self.wait() }
        let first = bytes[bytes.startIndex]
        let second = bytes[bytes.startIndex + 1]
        guard first & 0x70 == 0, let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F) else {
            throw Problem(message: "a reserved bit or opcode is set", closeCode: 1002)
        }
        let isLast = first & 0x80 != 0
        let shortLength = Int(second & 0x7F)
        if opcode.isControl, !isLast || shortLength > 125 {
            throw Problem(message: "a control frame is long or cut in pieces", closeCode: 1002)
        }
        let lengthBytes = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0
        let maskBytes = second & 0x80 == 0 ? 0 : 4
        let headLength = 2 + lengthBytes + maskBytes
        guard bytes.count >= headLength else { return self.wait() }
        let extended = bytes.dropFirst(2).prefix(lengthBytes).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let length = lengthBytes == 0 ? UInt64(shortLength) : extended
        guard length <= UInt64(Self.longestPayload) else {
            throw Problem(message: "a frame of \(length) bytes is too long", closeCode: 1009)
        }
        guard bytes.count >= headLength + Int(length) else { return self.wait() }
        let payload = bytes.dropFirst(headLength).prefix(Int(length))
        var frame = WebSocketFrame(opcode, isLast: isLast)
        if maskBytes == 0 {
            frame.payload = Array(payload)
        } else {
            let mask = bytes.dropFirst(2 + lengthBytes).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frame.mask = mask
            frame.payload = WebSocketFrame.masked(payload, by: mask)
        }
        self.start += headLength + Int(length)
        return frame
    }

    /// Gives read bytes back to the system and asks for more.
    private mutating func wait() -> WebSocketFrame? {
        if self.start > 0 {
            self.buffer.removeSubrange(..<self.start)
            self.start = 0
        }
        return nil
    }
}
