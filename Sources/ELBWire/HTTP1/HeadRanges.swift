/// A stretch of a head's bytes, as offsets from the head's first byte. 32-bit, so that a field stays within 24 bytes.
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
    /// The name as sent, without the colon.
    package var name: ByteRange
    /// The value without the white space around it.
    package var value: ByteRange
    /// The whole line with its line end, for fields that are passed on untouched.
    package var line: ByteRange
    /// Which of the fields that the balancer itself cares about this is.
    package var known: KnownField

    @inlinable
    package init(name: ByteRange, value: ByteRange, line: ByteRange, known: KnownField) {
        self.name = name
        self.value = value
        self.line = line
        self.known = known
    }
}

/// Header fields that the balancer reads, changes or removes. Everything else is `other` and passes by reference.
package enum KnownField: UInt8, Hashable, Sendable {
    case other
    case connection
    case contentLength
    case expect
    case host
    case keepAlive
    case proxyConnection
    case te
    case trailer
    case transferEncoding
    case upgrade
    case userAgent
    case xAmznTraceID
    case xForwardedFor
    case xForwardedPort
    case xForwardedProto
    case date
    case server
    case proxyAuthenticate
    case proxyAuthorization
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

/// A request head as ranges over its bytes. One value is kept per connection and reused, so that a request allocates
/// nothing that grows with the number of its fields.
package struct RequestHead: Sendable {
    package var method = ByteRange(0, 0)
    /// The request target as sent.
    package var target = ByteRange(0, 0)
    /// The target's path: up to `?` or `#`; for absolute-form, what follows the authority (may be empty, meaning `/`).
    package var path = ByteRange(0, 0)
    /// What follows the first `?`, up to `#`. `nil` without a `?` (ALB-COND-026).
    package var query: ByteRange?
    /// The authority of an absolute-form target (`GET http://host/ …`), port included.
    package var authority: ByteRange?
    package var version: HTTPVersion = .http11
    /// In the order sent. Reused with its capacity.
    package var fields: [HeaderFieldRange] = []
    /// Index in `fields` of the first Host field (ALB-COND-008).
    package var hostIndex: Int?
    /// Length of the whole head, the empty line included.
    package var length = 0

    package init() {
        self.fields.reserveCapacity(32)
    }
}
