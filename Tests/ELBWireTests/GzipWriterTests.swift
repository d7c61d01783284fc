import ELBTestSupport
import ELBWire
import Testing

@Suite struct `The gzip writer` {
    @Test func `sums as the standard says`() {
        #expect(Self.sum("123456789") == 0xcbf4_3926)
        #expect(Self.sum("") == 0)
    }

    private static func sum(_ text: String) -> UInt32 {
        let bytes = Array(text.utf8)
        return CRC32.of(bytes.span)
    }

    @Test func `writes nothing at all as a file`() {
        #expect(
            GzipWriter.compress([]) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        )
    }

    @Test(arguments: 0...40) func `gives back what is short, of any length`(count: Int) {
        for byte: UInt8 in [0, 0x61, 143, 144, 255] {
            let input = Array(repeating: byte, count: count)
            #expect(Gunzip.decompress(GzipWriter.compress(input)) == input)
        }
    }

    @Test func `gives back every byte and every length of a match`() {
        let alphabet = (0...255).map { UInt8($0) }
        #expect(Gunzip.decompress(GzipWriter.compress(alphabet)) == alphabet)
        for length in 3...300 {
            // Something that does not repeat by itself, twice, and something else behind it.
            let text = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 73 ^ $0 >> 8 &* 31) }
            let input = text + [1, 2, 3] + text + [4]
            #expect(Gunzip.decompress(GzipWriter.compress(input)) == input, "\(length)")
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 9, 24, 25, 1024, 4096, 4097, 24_576, 24_577, 32_767, 32_768, 32_769, 50_000])
    func `gives back copies from any distance`(distance: Int) {
        var generator = Numbers(state: UInt64(distance))
        var input = (0..<distance).map { _ in generator.next() }
        for index in 0..<60 { input.append(input[index % distance]) }
        #expect(Gunzip.decompress(GzipWriter.compress(input)) == input)
    }

    @Test func `gives back random bytes, and makes log lines a fifth`() {
        var generator = Numbers(state: 7)
        let noise = (0..<100_000).map { _ in generator.next() }
        let packed = GzipWriter.compress(noise)
        #expect(Gunzip.decompress(packed) == noise)
        #expect(packed.count < noise.count * 107 / 100)
        let lines = (0..<2000).flatMap { number in
            Array(
                (#"http 2018-07-02T01:16:03.\#(100_000 + number * 37)Z app/lb/1 192.0.2.1:\#(4000 + number) 10.0.0.1:80 "#
                    + #"0.001 0.\#(100 + number % 800) 0.000 200 200 34 366 "GET http://www.example.com:80/\#(number) HTTP/1.1" "#
                    + #""curl/8" - - web "Root=1-58337262-\#(number &* 2_654_435_761)" "-" "-" 0"# + "\n").utf8
            )
        }
        let file = GzipWriter.compress(lines)
        #expect(Gunzip.decompress(file) == lines)
        #expect(file.count * 5 < lines.count)
    }

    private struct Numbers {
        var state: UInt64

        mutating func next() -> UInt8 {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: self.state >> 56)
        }
    }
}
