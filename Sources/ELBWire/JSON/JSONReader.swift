/// Why a text cannot be read as JSON, or not as the JSON that was asked for.
package enum JSONError: Error, Hashable, Sendable {
    case malformed
    /// A value of another type stands here.
    case mismatch
    case tooDeep
}

/// Reads a JSON text (RFC 8259) value by value, in the order of the text, without making a tree of it: what is not asked for
/// costs no memory, whoever sent it.
///
/// The bytes are handed in with every call and must be the same every time. Strict: one value, no comments, no trailing commas,
/// no lone surrogates, no control characters in strings. Whether the bytes are UTF-8 is for the caller to know.
package struct JSONReader: Sendable {
    package enum Kind: Hashable, Sendable {
        case string
        case number
        case boolean
        case null
        case object
        case array
    }

    /// How deep objects and arrays may stand in one another.
    package static let depthLimit = 64

    private var position = 0
    private var depth = 0
    /// Whether an object or array has just been entered, so that no comma stands before what comes next.
    private var isFirst = false

    package init() {}

    /// The type of the value that comes next.
    package mutating func kind(_ bytes: Span<UInt8>) throws(JSONError) -> Kind {
        self.skipWhitespace(bytes)
        guard self.position < bytes.count else { throw .malformed }
        switch bytes[self.position] {
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw .malformed
        }
    }

    /// Requires that nothing but white space follows.
    package mutating func finish(_ bytes: Span<UInt8>) throws(JSONError) {
        self.skipWhitespace(bytes)
        guard self.position == bytes.count, self.depth == 0 else { throw .malformed }
    }

    /// Reads over a value of any type.
    package mutating func skip(_ bytes: Span<UInt8>) throws(JSONError) {
        switch try self.kind(bytes) {
        case .string: _ = try self.string(bytes)
        case .number: _ = try self.number(bytes)
        case .boolean: _ = try self.boolean(bytes)
        case .null: try self.null(bytes)
        case .object:
            try self.enterObject(bytes)
            while try self.nextKey(bytes) != nil { try self.skip(bytes) }
        case .array:
            try self.enterArray(bytes)
            while try self.nextElement(bytes) { try self.skip(bytes) }
        }
    }

    // MARK: Objects and arrays

    /// Goes into the object that comes next; `nextKey` follows until it gives `nil`.
    package mutating func enterObject(_ bytes: Span<UInt8>) throws(JSONError) {
        try self.enter(bytes, .object)
    }

    /// Goes into the array that comes next; `nextElement` follows until it says no.
    package mutating func enterArray(_ bytes: Span<UInt8>) throws(JSONError) {
        try self.enter(bytes, .array)
    }

    /// The next member's name, whose value comes next; `nil` at the object's end.
    package mutating func nextKey(_ bytes: Span<UInt8>) throws(JSONError) -> [UInt8]? {
        guard try self.hasNext(bytes, closing: UInt8(ascii: "}")) else { return nil }
        guard try self.kind(bytes) == .string else { throw .malformed }
        let key = try self.string(bytes)
        self.skipWhitespace(bytes)
        guard self.take(bytes, UInt8(ascii: ":")) else { throw .malformed }
        return key
    }

    /// Whether another element comes next; false at the array's end.
    package mutating func nextElement(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        try self.hasNext(bytes, closing: UInt8(ascii: "]"))
    }

    private mutating func enter(_ bytes: Span<UInt8>, _ kind: Kind) throws(JSONError) {
        guard try self.kind(bytes) == kind else { throw .mismatch }
        guard self.depth < Self.depthLimit else { throw .tooDeep }
        self.position += 1
        self.depth += 1
        self.isFirst = true
    }

    private mutating func hasNext(_ bytes: Span<UInt8>, closing: UInt8) throws(JSONError) -> Bool {
        let isFirst = self.isFirst
        self.isFirst = false
        self.skipWhitespace(bytes)
        if self.take(bytes, closing) {
            self.depth -= 1
            return false
        }
        guard isFirst || self.take(bytes, UInt8(ascii: ",")) else { throw .malformed }
        return true
    }

    // MARK: Values

    /// The string that comes next, escapes resolved.
    package mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> [UInt8] {
        guard try self.kind(bytes) == .string else { throw .mismatch }
        self.position += 1
        var text: [UInt8] = []
        var run = self.position
        while self.position < bytes.count {
            switch bytes[self.position] {
            case UInt8(ascii: "\""):
                text.append(copying: bytes, run..<self.position)
                self.position += 1
                return text
            case UInt8(ascii: "\\"):
                text.append(copying: bytes, run..<self.position)
                self.position += 1
                try self.escape(bytes, into: &text)
                run = self.position
            case 0..<0x20: throw .malformed
            default: self.position += 1
            }
        }
        throw .malformed
    }

    private mutating func escape(_ bytes: Span<UInt8>, into text: inout [UInt8]) throws(JSONError) {
        guard self.position < bytes.count else { throw .malformed }
        let letter = bytes[self.position]
        self.position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = Unicode.Scalar(try self.codePoint(bytes)) else { throw .malformed }
            text.append(contentsOf: String(scalar).utf8)
        default: throw .malformed
        }
    }

    // Beyond the basic plane a character is two escapes, a high and a low surrogate; each alone is none.
    private mutating func codePoint(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        let unit = try self.codeUnit(bytes)
        guard (0xd800..<0xdc00).contains(unit) else { return unit }
        guard self.take(bytes, UInt8(ascii: "\\")), self.take(bytes, UInt8(ascii: "u")) else { throw .malformed }
        let low = try self.codeUnit(bytes)
        guard (0xdc00..<0xe000).contains(low) else { throw .malformed }
        return 0x1_0000 + (unit - 0xd800) << 10 + (low - 0xdc00)
    }

    private mutating func codeUnit(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        guard bytes.count - self.position >= 4 else { throw .malformed }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = ByteClass.hexValue(bytes[self.position]) else { throw .malformed }
            unit = unit << 4 | UInt32(digit)
            self.position += 1
        }
        return unit
    }

    /// The whole number that comes next; `mismatch` for one with a fraction or an exponent, or beyond `Int`.
    package mutating func integer(_ bytes: Span<UInt8>) throws(JSONError) -> Int {
        guard try self.kind(bytes) == .number else { throw .mismatch }
        var range = try self.number(bytes)
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        if isNegative { range = (range.lowerBound + 1)..<range.upperBound }
        guard let number = bytes.decimal(in: range) else { throw .mismatch }
        return isNegative ? -Int(number) : Int(number)
    }

    // number = [ "-" ] ( "0" / %x31-39 *DIGIT ) [ "." 1*DIGIT ] [ ( "e" / "E" ) [ "-" / "+" ] 1*DIGIT ]
    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> Range<Int> {
        let start = self.position
        _ = self.take(bytes, UInt8(ascii: "-"))
        if !self.take(bytes, UInt8(ascii: "0")) { try self.digits(bytes) }
        if self.take(bytes, UInt8(ascii: ".")) { try self.digits(bytes) }
        if self.take(bytes, UInt8(ascii: "e")) || self.take(bytes, UInt8(ascii: "E")) {
            if !self.take(bytes, UInt8(ascii: "-")) { _ = self.take(bytes, UInt8(ascii: "+")) }
            try self.digits(bytes)
        }
        return start..<self.position
    }

    private mutating func digits(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = self.position
        while self.position < bytes.count, ByteClass.isDigit(bytes[self.position]) { self.position += 1 }
        guard self.position > start else { throw .malformed }
    }

    package mutating func boolean(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        guard try self.kind(bytes) == .boolean else { throw .mismatch }
        let isTrue = bytes[self.position] == UInt8(ascii: "t")
        try self.word(bytes, isTrue ? "true" : "false")
        return isTrue
    }

    package mutating func null(_ bytes: Span<UInt8>) throws(JSONError) {
        guard try self.kind(bytes) == .null else { throw .mismatch }
        try self.word(bytes, "null")
    }

    private mutating func word(_ bytes: Span<UInt8>, _ expected: StaticString) throws(JSONError) {
        for offset in 0..<expected.utf8CodeUnitCount {
            guard self.take(bytes, expected.utf8Start[offset]) else { throw .malformed }
        }
    }

    // MARK: Bytes

    private mutating func skipWhitespace(_ bytes: Span<UInt8>) {
        while self.position < bytes.count {
            switch bytes[self.position] {
            case 0x20, 0x09, 0x0a, 0x0d: self.position += 1
            default: return
            }
        }
    }

    private mutating func take(_ bytes: Span<UInt8>, _ byte: UInt8) -> Bool {
        guard self.position < bytes.count, bytes[self.position] == byte else { return false }
        self.position += 1
        return true
    }
}

extension [UInt8] {
    fileprivate mutating func append(copying bytes: Span<UInt8>, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        bytes.extracting(range).withUnsafeBufferPointer { self.append(contentsOf: $0) }
    }
}
