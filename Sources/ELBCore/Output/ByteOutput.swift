/// Text under construction: a head, a line of a log. Bytes are appended one behind the other to memory that is used again for the
/// next text.
///
/// An array would do the same, but asks at every append whether its storage is shared: a hundred instructions for a short text,
/// where this takes forty. A proxied request appends about a hundred times.
package struct ByteOutput: ~Copyable, @unchecked Sendable {
    // Unchecked: nobody else knows the memory, and whoever owns the value owns it.
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Bytes appended since the last `removeAll`.
    package private(set) var count = 0

    /// - Parameter capacity: bytes for which there is room at once; more is found when it is needed.
    package init(capacity: Int = 0) {
        self.start = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit {
        self.start.deallocate()
    }

    package var isEmpty: Bool { self.count == 0 }

    /// What has been appended.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let span = Span(_unsafeStart: UnsafePointer(self.start), count: self.count)
            return _overrideLifetime(span, borrowing: self)
        }
    }

    /// A copy of what has been appended.
    package var bytes: [UInt8] { Array(UnsafeBufferPointer(start: self.start, count: self.count)) }

    /// Begins anew. The memory is kept.
    package mutating func removeAll() {
        self.count = 0
    }

    /// Takes back everything behind the first `count` bytes.
    package mutating func truncate(to count: Int) {
        precondition((0...self.count).contains(count))
        self.count = count
    }

    private mutating func grow(by missing: Int) {
        let capacity = max(self.capacity * 2, self.count + missing, 256)
        let start = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        start.update(from: self.start, count: self.count)
        self.start.deallocate()
        self.start = start
        self.capacity = capacity
    }
}

extension ByteOutput: ByteSink {
    @inline(__always)
    package mutating func append(_ byte: UInt8) {
        if self.count == self.capacity { self.grow(by: 1) }
        self.start[self.count] = byte
        self.count &+= 1
    }

    @inline(__always)
    package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        if self.capacity &- self.count < bytes.count { self.grow(by: bytes.count) }
        (self.start + self.count).update(from: source, count: bytes.count)
        self.count &+= bytes.count
    }
}
