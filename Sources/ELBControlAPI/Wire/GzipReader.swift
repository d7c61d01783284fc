/// Inflates what clients compress (RFC 1951 and 1952): a body whose `Content-Encoding` is gzip. It is a stranger's input, so the
/// output is bounded, and whatever is not as it should be is refused.
struct GzipReader {
    enum Failure: Error, Equatable {
        case malformed
        case tooLarge
    }

    private let input: [UInt8]
    private var place = 0
    private var bits: UInt32 = 0
    private var bitCount = 0
    private var output: [UInt8] = []
    private let limit: Int

    /// - Parameter limit: bytes that come out at most.
    static func inflate(_ file: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var reader = Self(input: file, limit: limit)
        try reader.skipHeader()
        while try !reader.block() {}
        try reader.checkEnd()
        return reader.output
    }

    private init(input: [UInt8], limit: Int) {
        self.input = input
        self.limit = limit
    }

    // MARK: Around the blocks

    private mutating func skipHeader() throws(Failure) {
        guard self.input.count >= 18, self.input[0] == 0x1f, self.input[1] == 0x8b, self.input[2] == 8 else {
            throw .malformed
        }
        let flags = self.input[3]
        self.place = 10
        if flags & 4 != 0 {
            let length = Int(try self.byte()) | Int(try self.byte()) << 8
            self.place += length
        }
        // A name, and a comment; both end with a zero.
        for flag: UInt8 in [8, 16] where flags & flag != 0 {
            while try self.byte() != 0 {}
        }
        if flags & 2 != 0 { self.place += 2 }
    }

    private mutating func checkEnd() throws(Failure) {
        self.bits = 0
        self.bitCount = 0
        var numbers: [UInt32] = []
        for _ in 0..<2 {
            var number: UInt32 = 0
            for shift: UInt32 in [0, 8, 16, 24] { number |= UInt32(try self.byte()) << shift }
            numbers.append(number)
        }
        guard numbers[0] == Self.checkSum(self.output), numbers[1] == UInt32(truncatingIfNeeded: self.output.count),
            self.place == self.input.count
        else { throw .malformed }
    }

    private static let sums: [UInt32] = (0..<256).map { number in
        (0..<8).reduce(UInt32(number)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }

    private static func checkSum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { self.sums[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }

    private mutating func byte() throws(Failure) -> UInt8 {
        guard self.place < self.input.count else { throw .malformed }
        defer { self.place += 1 }
        return self.input[self.place]
    }

    private mutating func number(bits count: Int) throws(Failure) -> Int {
        while self.bitCount < count {
            self.bits |= UInt32(try self.byte()) << UInt32(self.bitCount)
            self.bitCount += 8
        }
        defer {
            self.bits >>= UInt32(count)
            self.bitCount -= count
        }
        return Int(self.bits & ((1 << UInt32(count)) - 1))
    }

    // MARK: Blocks

    /// Reads a block.
    ///
    /// - Returns: whether it was the last one.
    private mutating func block() throws(Failure) -> Bool {
        let isLast = try self.number(bits: 1) == 1
        switch try self.number(bits: 2) {
        case 0: try self.storedBlock()
        case 1: try self.compressedBlock(Self.fixedLengths, Self.fixedDistances)
        case 2:
            let codes = try self.readCodes()
            try self.compressedBlock(codes.lengths, codes.distances)
        default: throw .malformed
        }
        return isLast
    }

    private mutating func storedBlock() throws(Failure) {
        self.bits = 0
        self.bitCount = 0
        let length = Int(try self.byte()) | Int(try self.byte()) << 8
        let complement = Int(try self.byte()) | Int(try self.byte()) << 8
        guard length == complement ^ 0xffff, self.place + length <= self.input.count else { throw .malformed }
        guard self.output.count + length <= self.limit else { throw .tooLarge }
        self.output += self.input[self.place..<self.place + length]
        self.place += length
    }

    private static let lengthBases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthBits = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distanceBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145,
        8193, 12_289, 16_385, 24_577,
    ]

    private mutating func compressedBlock(_ lengths: Code, _ distances: Code) throws(Failure) {
        while true {
            let symbol = try self.symbol(lengths)
            if symbol == 256 { return }
            guard symbol > 256 else {
                guard self.output.count < self.limit else { throw .tooLarge }
                self.output.append(UInt8(symbol))
                continue
            }
            guard Self.lengthBases.indices.contains(symbol - 257) else { throw .malformed }
            let length = Self.lengthBases[symbol - 257] + (try self.number(bits: Self.lengthBits[symbol - 257]))
            let code = try self.symbol(distances)
            guard Self.distanceBases.indices.contains(code) else { throw .malformed }
            let distance = Self.distanceBases[code] + (try self.number(bits: max(0, code / 2 - 1)))
            guard distance <= self.output.count else { throw .malformed }
            guard self.output.count + length <= self.limit else { throw .tooLarge }
            for _ in 0..<length { self.output.append(self.output[self.output.count - distance]) }
        }
    }

    // MARK: Codes

    /// A canonical Huffman code: how many symbols have a code of each length, and the symbols in the codes' order.
    private struct Code {
        var counts = Array(repeating: 0, count: 16)
        var symbols: [Int] = []

        /// - Parameter lengths: of each symbol's code; 0 for symbols that do not occur. More codes than fit are refused.
        init?(_ lengths: some Collection<Int>) {
            for length in lengths { self.counts[length] += 1 }
            self.counts[0] = 0
            var left = 1
            for length in 1..<16 {
                left = left * 2 - self.counts[length]
                guard left >= 0 else { return nil }
            }
            self.symbols = lengths.enumerated().filter { $0.element > 0 }.sorted {
                ($0.element, $0.offset) < ($1.element, $1.offset)
            }
            .map(\.offset)
        }

        /// For codes that are known to be good.
        init(known lengths: [Int]) {
            self = Self(lengths) ?? Self(counts: [], symbols: [])
        }

        private init(counts: [Int], symbols: [Int]) {
            self.counts = counts
            self.symbols = symbols
        }
    }

    private static let fixedLengths = Code(
        known: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
    )
    private static let fixedDistances = Code(known: Array(repeating: 5, count: 30))

    private mutating func symbol(_ code: Code) throws(Failure) -> Int {
        var (number, first, index) = (0, 0, 0)
        for length in 1..<16 {
            number |= try self.number(bits: 1)
            let count = code.counts[length]
            if number - count < first { return code.symbols[index + number - first] }
            index += count
            first = (first + count) << 1
            number <<= 1
        }
        throw .malformed
    }

    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    /// The codes of a block that brings its own, themselves in a code.
    private mutating func readCodes() throws(Failure) -> (lengths: Code, distances: Code) {
        let lengthCount = try self.number(bits: 5) + 257
        let distanceCount = try self.number(bits: 5) + 1
        let codeCount = try self.number(bits: 4) + 4
        guard lengthCount <= 286, distanceCount <= 30 else { throw .malformed }
        var codeLengths = Array(repeating: 0, count: 19)
        for index in 0..<codeCount { codeLengths[Self.order[index]] = try self.number(bits: 3) }
        guard let code = Code(codeLengths) else { throw .malformed }
        var lengths: [Int] = []
        while lengths.count < lengthCount + distanceCount {
            let symbol = try self.symbol(code)
            switch symbol {
            case 0..<16: lengths.append(symbol)
            case 16:
                guard let last = lengths.last else { throw .malformed }
                lengths += Array(repeating: last, count: 3 + (try self.number(bits: 2)))
            case 17: lengths += Array(repeating: 0, count: 3 + (try self.number(bits: 3)))
            default: lengths += Array(repeating: 0, count: 11 + (try self.number(bits: 7)))
            }
        }
        guard lengths.count == lengthCount + distanceCount, lengths[256] > 0, let first = Code(lengths[..<lengthCount]),
            let second = Code(lengths[lengthCount...])
        else { throw .malformed }
        return (first, second)
    }
}
