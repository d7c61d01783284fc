/// A stretch of a head's bytes, as offsets from the head's first byte. 32-bit, so that a field stays small.
package struct ByteRange: Hashable, Sendable {
    package var lowerBound: UInt32
    package var upperBound: UInt32

    @inlinable
    package init(_ lowerBound: Int, _ upperBound: Int) {
        self.lowerBound = UInt32(truncatingIfNeeded: lowerBound)
        self.upperBound = UInt32(truncatingIfNeeded: upperBound)
    }

    @inlinable package var count: Int { Int(self.upperBound) - Int(self.lowerBound) }
    @inlinable package var isEmpty: Bool { self.lowerBound == self.upperBound }
    /// As `Int`s, for subscripts of `Span<UInt8>`.
    @inlinable package var range: Range<Int> { Int(self.lowerBound)..<Int(self.upperBound) }
}

/// A header field as it stands in the head: nothing is copied, the bytes keep their case and order.
package struct HeaderFieldRange: Hashable, Sendable {
    /// The name as sent, without the colon and white space before it.
    package var name: ByteRange
    /// The value without the white space around it.
    package var value: ByteRange
    /// The whole line with its line end, for fields that are passed on untouched.
    package var line: ByteRange
    /// Which of the fields that the balancer itself cares about this is.
    package var known: KnownField
    /// How the line may be passed on.
    package var passage: Passage

    @inlinable
    package init(
        name: ByteRange,
        value: ByteRange,
        line: ByteRange,
        known: KnownField,
        passage: Passage = .verbatim
    ) {
        self.name = name
        self.value = value
        self.line = line
        self.known = known
        self.passage = passage
    }

    /// What the form of a line leaves open when it is passed on. Only `verbatim` lines may be copied as they stand.
    package enum Passage: UInt8, Hashable, Sendable {
        /// `name: value` CRLF, exactly.
        case verbatim
        /// Means one thing only but is not written as it should be (bare LF): written anew as `name: value` CRLF.
        case rewritten
        /// A line without a colon, or a folded one: written with a colon after it (ALB-HDR-037).
        case colonAppended
        /// Two readers may disagree about it, so no target ever sees it.
        case withheld
    }
}

/// HTTP versions a head may state. 1.2 to 1.9 are read as 1.1 (RFC 9112, section 2.3) and classified by desync rules.
package enum HTTPVersion: UInt8, Hashable, Sendable, Comparable {
    case http09
    case http10
    case http11

    package static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}
