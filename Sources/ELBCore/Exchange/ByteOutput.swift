extension [UInt8] {
    /// Appends the literal's bytes without a `String`.
    @inline(__always)
    package mutating func append(_ literal: StaticString) {
        self.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends the span's bytes in one copy.
    @inline(__always)
    package mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { self.append(contentsOf: $0) }
    }
}
