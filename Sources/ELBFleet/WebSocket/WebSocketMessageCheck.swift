/// What only the order of frames tells: whether pieces belong together, whether text is UTF-8 and whether a close frame is one (RFC
/// 6455, sections 5.4, 5.5.1, 7.4 and 8.1).
package struct WebSocketMessageCheck: Sendable {
    /// The message that has begun and not ended.
    private var open: WebSocketFrame.Opcode?
    private var text = UTF8Check()

    package init() {}

    /// Takes in the next frame from the peer. What is thrown ends the connection; its code goes into the close frame.
    package mutating func take(_ frame: WebSocketFrame) throws(WebSocketFrameReader.Problem) {
        switch frame.opcode {
        case .ping, .pong: return
        case .close:
            try Self.check(close: frame)
            return
        case .text, .binary:
            guard self.open == nil else { throw .init(message: "a message began inside another", closeCode: 1002) }
            self.open = frame.opcode
        case .continuation:
            guard self.open != nil else {
                throw .init(message: "a continuation without a beginning", closeCode: 1002)
            }
        }
        if self.open == .text {
            guard self.text.take(frame.payload), self.text.isWhole || !frame.isLast else {
                throw .init(message: "text that is not UTF-8", closeCode: 1007)
            }
        }
        if frame.isLast { self.open = nil }
    }

    private static func check(close frame: WebSocketFrame) throws(WebSocketFrameReader.Problem) {
        guard !frame.payload.isEmpty else { return }
        guard let code = frame.closeCode, Self.mayBeSent(code) else {
            throw .init(message: "no code that a close frame may carry", closeCode: 1002)
        }
        var reason = UTF8Check()
        guard reason.take(frame.payload.dropFirst(2)), reason.isWhole else {
            throw .init(message: "a reason that is not UTF-8", closeCode: 1007)
        }
    }

    /// Of the codes below 3000 only those that are registered, and not the three that stand for what nobody sent.
    private static func mayBeSent(_ code: Int) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// Whether bytes that come in pieces are UTF-8 so far (RFC 3629, section 4). Knows at the first byte that cannot be right.
package struct UTF8Check: Sendable {
    /// Bytes that the character under way still needs.
    private var missing = 0
    /// What the next of them may be: the second byte of some characters has fewer values.
    private var next: ClosedRange<UInt8> = 0x80...0xBF

    package init() {}

    /// No character is cut in the middle.
    package var isWhole: Bool { self.missing == 0 }

    /// False as soon as the bytes cannot be UTF-8 whatever follows.
    package mutating func take(_ bytes: some Sequence<UInt8>) -> Bool {
        for byte in bytes {
            if self.missing > 0 {
                guard self.next.contains(byte) else { return false }
                self.missing -= 1
                self.next = 0x80...0xBF
                continue
            }
            switch byte {
            case 0x00...0x7F: continue
            case 0xC2...0xDF: self.missing = 1
            case 0xE0: (self.missing, self.next) = (2, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: self.missing = 2
            // What follows would be a surrogate.
            case 0xED: (self.missing, self.next) = (2, 0x80...0x9F)
            case 0xF0: (self.missing, self.next) = (3, 0x90...0xBF)
            case 0xF1...0xF3: self.missing = 3
            case 0xF4: (self.missing, self.next) = (3, 0x80...0x8F)
            default: return false
            }
        }
        return true
    }
}
