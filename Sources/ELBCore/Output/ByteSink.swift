/// What bytes can be appended to: `ByteOutput` on a request's way, an array elsewhere.
package protocol ByteSink: ~Copyable {
    mutating func append(_ byte: UInt8)

    /// Appends the bytes in one copy. They must not belong to the receiver.
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>)
}

extension [UInt8]: ByteSink {
    @inline(__always)
    package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.append(contentsOf: bytes)
    }
}

extension ByteSink where Self: ~Copyable {
    @inline(__always)
    package mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { self.append($0) }
    }

    /// Appends a stretch of a span.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        self.append(bytes.extracting(range))
    }

    @inline(__always)
    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { self.append($0) }
    }

    /// Appends the literal's bytes without a `String`.
    @inline(__always)
    package mutating func append(_ literal: StaticString) {
        self.append(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends the text in UTF-8.
    package mutating func append(text: String) {
        var text = text
        text.withUTF8 { self.append($0) }
    }
}
