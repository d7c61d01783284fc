/// Follows a chunked body through its bytes and checks every one that frames it.
///
///     chunked-body = *chunk last-chunk trailer-section CRLF                  (RFC 9112, section 7.1)
///     chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
///     chunk-size   = 1*HEXDIG
///     chunk-ext    = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
///
/// The bytes may then be passed on as they are: whoever reads them after us finds the same chunks. Stricter than some
/// readers on purpose: no bare LF, no sign or `0x` before a size, no control character in an extension, no trailer that
/// would frame or route a message.
package struct ChunkedBodyScanner: Sendable {
    /// What `next` found.
    package enum Step: Hashable, Sendable {
        /// The bytes of this range are framing, or data, up to the range's end; go on there.
        case framing(end: Int)
        case data(Range<Int>)
        /// The body ended before this index.
        case finished(end: Int)
        /// All bytes have been taken in.
        case needsMore
        case malformed
    }

    private enum State: Hashable, Sendable {
        case size(UInt64, digits: Int)
        case sizeSpace
        case extensions
        case sizeLineFeed(UInt64)
        case data(UInt64)
        case dataCarriageReturn
        case dataLineFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case lastLineFeed
        case done
    }

    /// Bytes of extensions and trailers a body may carry altogether; more is an attack on whoever must skip them.
    package static let overheadLimit = 16_384

    private var state = State.size(0, digits: 0)
    private var pendingSize: UInt64 = 0
    private var overhead = 0
    private var trailerName = TrailerName()

    package init() {}

    package var isFinished: Bool { self.state == .done }

    /// Checks all of `bytes` and returns how many of them belong to the body; fewer than all only when it ended. `nil` if
    /// the body is malformed: nothing from `bytes` may be passed on then.
    package mutating func consume(_ bytes: Span<UInt8>) -> Int? {
        var index = 0
        while true {
            switch self.next(bytes, from: index) {
            case .framing(let end): index = end
            case .data(let range): index = range.upperBound
            case .finished(let end): return end
            case .needsMore: return bytes.count
            case .malformed: return nil
            }
        }
    }

    /// Goes on from `start`: one run of data, or framing up to the next one.
    package mutating func next(_ bytes: Span<UInt8>, from start: Int) -> Step {
        if self.state == .done { return .finished(end: start) }
        guard start < bytes.count else { return .needsMore }
        if case .data(let remaining) = self.state {
            let count = Int(min(remaining, UInt64(bytes.count - start)))
            self.state = remaining == UInt64(count) ? .dataCarriageReturn : .data(remaining - UInt64(count))
            return .data(start..<(start + count))
        }
        var index = start
        while index < bytes.count {
            guard self.take(bytes[index]) else { return .malformed }
            index += 1
            if self.state == .done { return .finished(end: index) }
            if case .data = self.state { break }
        }
        return .framing(end: index)
    }

    /// One byte of framing; false if it may not stand there.
    private mutating func take(_ byte: UInt8) -> Bool {
        switch self.state {
        case .size(let size, let digits): return self.takeSize(byte, size, digits)
        case .sizeSpace:
            if byte == UInt8(ascii: ";") { self.state = .extensions }
            return byte == UInt8(ascii: ";") || (ByteClass.isWhitespace(byte) && self.countOverhead())
        case .extensions:
            if byte == ByteClass.carriageReturn {
                self.state = .sizeLineFeed(self.pendingSize)
                return true
            }
            return (byte >= 0x20 && byte != 0x7f || byte == ByteClass.tab) && self.countOverhead()
        case .sizeLineFeed(let size):
            self.state = size == 0 ? .trailerStart : .data(size)
            return byte == ByteClass.lineFeed
        case .dataCarriageReturn:
            self.state = .dataLineFeed
            return byte == ByteClass.carriageReturn
        case .dataLineFeed:
            self.state = .size(0, digits: 0)
            return byte == ByteClass.lineFeed
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed: return self.takeTrailer(byte)
        case .data, .done: return false
        }
    }

    private mutating func takeSize(_ byte: UInt8, _ size: UInt64, _ digits: Int) -> Bool {
        if let value = ByteClass.hexValue(byte) {
            // 16 digits fill 64 bits; sizes beyond 2^63 - 1 nobody sends, and some readers take them for negative.
            guard digits < 16, size >> 59 == 0 else { return false }
            self.state = .size(size << 4 | UInt64(value), digits: digits + 1)
            return true
        }
        guard digits > 0 else { return false }
        self.pendingSize = size
        switch byte {
        case ByteClass.carriageReturn: self.state = .sizeLineFeed(size)
        case UInt8(ascii: ";"): self.state = .extensions
        case ByteClass.space, ByteClass.tab: self.state = .sizeSpace
        default: return false
        }
        return true
    }

    private mutating func takeTrailer(_ byte: UInt8) -> Bool {
        guard self.countOverhead() else { return false }
        switch self.state {
        case .trailerStart where byte == ByteClass.carriageReturn:
            self.state = .lastLineFeed
            return true
        case .trailerStart:
            self.trailerName = TrailerName()
            self.state = .trailerName
            return ByteClass.isToken(byte) && self.trailerName.append(byte)
        case .trailerName where byte == ByteClass.colon:
            self.state = .trailerValue
            return !self.trailerName.isForbidden
        case .trailerName: return ByteClass.isToken(byte) && self.trailerName.append(byte)
        case .trailerValue where byte == ByteClass.carriageReturn:
            self.state = .trailerLineFeed
            return true
        case .trailerValue: return byte >= 0x20 && byte != 0x7f || byte == ByteClass.tab
        case .trailerLineFeed:
            self.state = .trailerStart
            return byte == ByteClass.lineFeed
        case .lastLineFeed:
            self.state = .done
            return byte == ByteClass.lineFeed
        case .size, .sizeSpace, .extensions, .sizeLineFeed, .data, .dataCarriageReturn, .dataLineFeed, .done:
            return false
        }
    }

    private mutating func countOverhead() -> Bool {
        self.overhead += 1
        return self.overhead <= Self.overheadLimit
    }
}

/// A trailer's name as it arrives, kept only as far as needed to tell the names that no trailer may have.
private struct TrailerName: Sendable {
    private var bytes: [36 of UInt8] = .init(repeating: 0)
    private var count = 0

    /// Always true, so that it can end a condition.
    mutating func append(_ byte: UInt8) -> Bool {
        if self.count < self.bytes.count { self.bytes[self.count] = byte }
        self.count += 1
        return true
    }

    /// Fields "necessary for message framing, routing" may not be trailers (RFC 9110, section 6.5.1).
    var isForbidden: Bool {
        guard self.count <= self.bytes.count else { return false }
        switch KnownField.lookup(self.bytes.span, 0..<self.count) {
        case .contentLength, .transferEncoding, .host, .connection, .te, .trailer, .expect, .upgrade, .keepAlive,
            .proxyConnection, .proxyAuthorization, .xForwardedFor, .xForwardedPort, .xForwardedProto, .xAmznOIDC,
            .xAmznTraceID, .xAmznTLS:
            return true
        case .other, .userAgent, .date, .server, .proxyAuthenticate: return false
        }
    }
}
