/// Reads gzip files of one member whose blocks have fixed codes, which is what our writer makes: written from RFC 1951's side of the
/// reader, so that a mistake of the writer's cannot hide in it. `nil` if the file is anything else, or does not hold what its end says.
public enum Gunzip {
    public static func decompress(_ file: [UInt8]) -> [UInt8]? {
        guard file.count >= 18, file[0] == 0x1f, file[1] == 0x8b, file[2] == 8, file[3] == 0 else { return nil }
        var reader = Reader(bytes: file, place: 80)
        var output: [UInt8] = []
        var isLast = false
        while !isLast {
            guard let last = reader.number(bits: 1), reader.number(bits: 2) == 1 else { return nil }
            isLast = last == 1
            guard Self.readBlock(&reader, into: &output) else { return nil }
        }
        let end = (reader.place + 7) / 8
        guard file.count == end + 8 else { return nil }
        let size = (4..<8).reduce(0) { $0 | Int(file[end + $1]) << (8 * ($1 - 4)) }
        let sum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(file[end + $1]) << UInt32(8 * $1) }
        return size == output.count && sum == Self.checkSum(output) ? output : nil
    }

    private static func readBlock(_ reader: inout Reader, into output: inout [UInt8]) -> Bool {
        while let symbol = reader.symbol() {
            if symbol < 256 {
                output.append(UInt8(symbol))
            } else if symbol == 256 {
                return true
            } else {
                guard let (length, distance) = reader.copy(symbol), distance <= output.count else { return false }
                for _ in 0..<length { output.append(output[output.count - distance]) }
            }
        }
        return false
    }

    /// Bit by bit, as RFC 1952, section 8 explains it; slow, and unlike the writer's table.
    private static func checkSum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = .max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xedb8_8320 : sum >> 1 }
        }
        return ~sum
    }

    private struct Reader {
        let bytes: [UInt8]
        /// In bits.
        var place: Int

        static let lengths: [(base: Int, extra: Int)] =
            (3...10).map { ($0, 0) }
            + [11, 13, 15, 17].map { ($0, 1) } + [19, 23, 27, 31].map { ($0, 2) } + [35, 43, 51, 59].map { ($0, 3) }
            + [67, 83, 99, 115].map { ($0, 4) } + [131, 163, 195, 227].map { ($0, 5) } + [(258, 0)]
        static let distances: [(base: Int, extra: Int)] =
            [(1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4)]
            + [(65, 5), (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9), (1537, 9)]
            + [(2049, 10), (3073, 10), (4097, 11), (6145, 11), (8193, 12), (12_289, 12), (16_385, 13), (24_577, 13)]

        mutating func bit() -> Int? {
            guard self.place < self.bytes.count * 8 else { return nil }
            defer { self.place += 1 }
            return Int(self.bytes[self.place / 8] >> UInt8(self.place % 8)) & 1
        }

        mutating func number(bits count: Int) -> Int? {
            var number = 0
            for index in 0..<count {
                guard let bit = self.bit() else { return nil }
                number |= bit << index
            }
            return number
        }

        mutating func symbol() -> Int? {
            var code = 0
            for length in 1...9 {
                guard let bit = self.bit() else { return nil }
                code = code << 1 | bit
                switch (length, code) {
                case (7, 0...0b001_0111): return 256 + code
                case (8, 0b0011_0000...0b1011_1111): return code - 0b0011_0000
                case (8, 0b1100_0000...0b1100_0111): return 280 + code - 0b1100_0000
                case (9, 0b1_1001_0000...0b1_1111_1111): return 144 + code - 0b1_1001_0000
                default: continue
                }
            }
            return nil
        }

        mutating func copy(_ symbol: Int) -> (length: Int, distance: Int)? {
            guard Self.lengths.indices.contains(symbol - 257) else { return nil }
            let length = Self.lengths[symbol - 257]
            guard let more = self.number(bits: length.extra) else { return nil }
            var code = 0
            for _ in 0..<5 {
                guard let bit = self.bit() else { return nil }
                code = code << 1 | bit
            }
            guard Self.distances.indices.contains(code) else { return nil }
            let distance = Self.distances[code]
            guard let further = self.number(bits: distance.extra) else { return nil }
            return (length.base + more, distance.base + further)
        }
    }
}
