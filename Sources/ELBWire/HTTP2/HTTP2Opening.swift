/// Follows what an HTTP/2 client sends, from its first byte to the frame that acknowledges the settings it was sent.
///
/// A reader of frames holds a client to its settings only when the client has acknowledged them (RFC 9113, section 6.5.3), and to
/// defaults until then. A reader that is to be more patient than what the client was told must have its own settings
/// acknowledged before the client asks for anything: so an acknowledgement is put in behind the settings that a client begins
/// with, and the client's own is taken out.
package struct HTTP2Opening: Sendable {
    /// What to do with the next bytes.
    package enum Step: Hashable, Sendable {
        /// So many go on to the reader.
        case pass(Int)
        /// So many go on, and an acknowledgement behind them.
        case passAndAcknowledge(Int)
        /// So many are the client's acknowledgement, and nobody else gets them.
        case drop(Int)
        /// A frame's header is not whole: ask again when more has come.
        case wait
        /// All that follows goes on to the reader, whatever it is.
        case over
    }

    private enum State {
        case preface(remaining: Int)
        case header(isFirst: Bool)
        case frame(remaining: Int, isFirst: Bool)
        case over
    }

    private static let prefaceLength = 24
    private static let headerLength = 9
    private static let settings: UInt8 = 0x4
    private static let acknowledgementFlag: UInt8 = 0x1

    /// A SETTINGS frame that acknowledges.
    package static let acknowledgement: [UInt8] = [0, 0, 0, Self.settings, Self.acknowledgementFlag, 0, 0, 0, 0]

    private var state = State.preface(remaining: Self.prefaceLength)

    package init() {}

    package var isOver: Bool {
        if case .over = self.state { true } else { false }
    }

    /// Says what becomes of the first of these bytes. They begin where the last answer left off.
    package mutating func next(_ bytes: Span<UInt8>) -> Step {
        switch self.state {
        case .preface(let remaining):
            // Whether it is one is the reader's matter.
            let count = min(remaining, bytes.count)
            self.state = count == remaining ? .header(isFirst: true) : .preface(remaining: remaining - count)
            return .pass(count)
        case .header(let isFirst):
            guard bytes.count >= Self.headerLength else { return .wait }
            return self.frameBegins(bytes, isFirst: isFirst)
        case .frame(let remaining, let isFirst):
            let count = min(remaining, bytes.count)
            guard count == remaining else {
                self.state = .frame(remaining: remaining - count, isFirst: isFirst)
                return .pass(count)
            }
            self.state = .header(isFirst: false)
            return isFirst ? .passAndAcknowledge(count) : .pass(count)
        case .over:
            return .over
        }
    }

    private mutating func frameBegins(_ bytes: Span<UInt8>, isFirst: Bool) -> Step {
        let length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
        let isSettings = bytes[3] == Self.settings
        let acknowledges = isSettings && bytes[4] & Self.acknowledgementFlag != 0
        if isFirst, !isSettings || acknowledges {
            // Not how HTTP/2 begins; the reader will say so.
            self.state = .over
            return .over
        }
        // One that is not empty is an error, which is the reader's to find.
        if acknowledges, length == 0 {
            self.state = .over
            return .drop(Self.headerLength)
        }
        self.state = .frame(remaining: Self.headerLength + length, isFirst: isFirst)
        return self.next(bytes)
    }
}
