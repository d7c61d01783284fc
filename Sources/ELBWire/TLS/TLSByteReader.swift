/// Reads big-endian numbers and length-prefixed vectors as TLS writes them (RFC 8446, section 3). Every read is checked; what
/// is not there is `nil`.
struct TLSByteReader: ~Escapable {
    private let bytes: Span<UInt8>
    private(set) var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    var remaining: Int { self.bytes.count - self.position }
    var isAtEnd: Bool { self.remaining == 0 }

    @_lifetime(self: copy self)
    mutating func number(bytes count: Int) -> Int? {
        guard self.remaining >= count else { return nil }
        var number = 0
        for _ in 0..<count {
            number = number << 8 | Int(self.bytes[self.position])
            self.position += 1
        }
        return number
    }

    @_lifetime(self: copy self)
    mutating func uint16() -> UInt16? {
        self.number(bytes: 2).map { UInt16(truncatingIfNeeded: $0) }
    }

    /// The next `count` bytes as a reader of their own.
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    mutating func part(_ count: Int) -> TLSByteReader? {
        guard count >= 0, self.remaining >= count else { return nil }
        let part = TLSByteReader(self.bytes.extracting(self.position..<self.position + count))
        self.position += count
        return part
    }

    /// A vector whose length stands before it in so many bytes.
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    mutating func vector(lengthBytes: Int) -> TLSByteReader? {
        guard let count = self.number(bytes: lengthBytes) else { return nil }
        return self.part(count)
    }

    @_lifetime(self: copy self)
    mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, self.remaining >= count else { return false }
        self.position += count
        return true
    }

    /// All that is left as numbers of two bytes; `nil` if a byte is left over.
    @_lifetime(self: copy self)
    mutating func uint16List() -> [UInt16]? {
        guard self.remaining % 2 == 0 else { return nil }
        var list: [UInt16] = []
        list.reserveCapacity(self.remaining / 2)
        while let number = self.uint16() { list.append(number) }
        return list
    }

    /// All that is left.
    @_lifetime(self: copy self)
    mutating func rest() -> [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(self.remaining)
        while self.position < self.bytes.count {
            copy.append(self.bytes[self.position])
            self.position += 1
        }
        return copy
    }
}

/// Types of records and of handshake messages that are looked at (RFC 8446, section B).
enum TLSNumbers {
    static let changeCipherSpecRecord = 20
    static let alertRecord = 21
    static let handshakeRecord = 22

    static let clientHello = 1
    static let serverHello = 2
    static let certificate = 11
    static let serverKeyExchange = 12
    static let serverHelloDone = 14

    /// The longest payload of a record that is not encrypted.
    static let longestRecord = 16_384
}
