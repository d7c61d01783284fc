import ELBFleet
import Testing

@Suite struct `The order of WebSocket frames` {
    /// The close code that the first wrong frame earns, or `nil` if all are right.
    private static func code(_ frames: [WebSocketFrame]) -> Int? {
        var check = WebSocketMessageCheck()
        do throws(WebSocketFrameReader.Problem) {
            for frame in frames { try check.take(frame) }
            return nil
        } catch {
            return error.closeCode
        }
    }

    @Test func `lets messages come in pieces, with control frames between them`() {
        #expect(
            Self.code([
                WebSocketFrame(.text, Array("he".utf8), isLast: false), WebSocketFrame(.ping, [0xFF]),
                WebSocketFrame(.continuation, Array("llo".utf8), isLast: false), WebSocketFrame(.pong),
                WebSocketFrame(.continuation, [], isLast: true), WebSocketFrame(.binary, [0xFF, 0xC0]),
            ]) == nil
        )
    }

    @Test func `wants pieces to belong together`() {
        #expect(Self.code([WebSocketFrame(.continuation, [])]) == 1002)
        #expect(Self.code([WebSocketFrame(.text, [], isLast: false), WebSocketFrame(.text)]) == 1002)
        #expect(Self.code([WebSocketFrame(.binary), WebSocketFrame(.continuation)]) == 1002)
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5], [0x80], [0xFF], [0xE2, 0x28, 0xA1], [0xCE],
        ] as [[UInt8]]
    )
    func `wants text to be UTF-8`(bytes: [UInt8]) {
        #expect(Self.code([WebSocketFrame(.text, bytes)]) == 1007)
        #expect(Self.code([WebSocketFrame(.close, [0x03, 0xE8] + bytes)]) == 1007)
    }

    @Test func `takes a character that is cut in the middle`() {
        let text = Array("κόσμε 🙂 한글".utf8)
        for cut in 0...text.count {
            let pieces = [
                WebSocketFrame(.text, Array(text[..<cut]), isLast: false),
                WebSocketFrame(.continuation, Array(text[cut...])),
            ]
            #expect(Self.code(pieces) == nil)
        }
    }

    @Test func `knows bad text before its message ends`() {
        #expect(Self.code([WebSocketFrame(.text, [0xF4, 0x90], isLast: false)]) == 1007)
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535])
    func `refuses codes that nobody may send`(code: Int) {
        #expect(Self.code([.close(code)]) == 1002)
    }

    @Test(arguments: [1000, 1003, 1007, 1011, 1014, 3000, 4999])
    func `takes codes that are in use`(code: Int) {
        #expect(Self.code([.close(code, "bye")]) == nil)
    }

    @Test func `takes a close frame without a code, but none with half a code`() {
        #expect(Self.code([WebSocketFrame(.close)]) == nil)
        #expect(Self.code([WebSocketFrame(.close, [0x03])]) == 1002)
    }

    @Test func `agrees with Swift about what is UTF-8`() {
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: .min ... .max, using: &generator)
        var state = seed
        for _ in 0..<20_000 {
            let bytes = (0..<4).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56) | 0x80 &* UInt8(truncatingIfNeeded: state >> 40 & 1)
            }
            var check = UTF8Check()
            let isText = check.take(bytes) && check.isWhole
            #expect(isText == (String(validating: bytes, as: UTF8.self) != nil), "seed \(seed): \(bytes)")
        }
    }
}
