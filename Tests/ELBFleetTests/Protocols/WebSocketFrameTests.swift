import ELBFleet
import Testing

@Suite struct `WebSocket frames` {
    static let frames = [
        WebSocketFrame(.text, Array("hello".utf8), mask: 0x37FA_213D),
        WebSocketFrame(.binary, [UInt8](repeating: 7, count: 126), isLast: false),
        WebSocketFrame(.continuation, [UInt8](repeating: 9, count: 70_000), mask: 0xFFFF_FFFF),
        WebSocketFrame(.ping),
        .close(1001, "going away", mask: 1),
    ]

    @Test func `look as RFC 6455 shows them`() {
        #expect(WebSocketFrame(.text, Array("Hello".utf8)).serialized == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(
            WebSocketFrame(.text, Array("Hello".utf8), mask: 0x37FA_213D).serialized
                == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        )
    }

    @Test(arguments: [1, 2, 3, 7, 1000, 100_000])
    func `are read whatever the pieces they come in`(length: Int) throws {
        let bytes = Self.frames.flatMap(\.serialized)
        var reader = WebSocketFrameReader()
        var read: [WebSocketFrame] = []
        var start = 0
        while start < bytes.count {
            reader.append(bytes[start..<min(start + length, bytes.count)])
            start += length
            while let frame = try reader.next() { read.append(frame) }
        }
        #expect(read == Self.frames)
    }

    @Test(
        arguments: [
            ("a reserved bit", [0xC1, 0x00], 1002),
            ("an opcode that nobody knows", [0x83, 0x00], 1002),
            ("a ping in pieces", [0x09, 0x00], 1002),
            ("a long ping", [0x89, 0x7E, 0x00, 0x7E], 1002),
            ("more than a frame may hold", [0x82, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 1009),
        ] as [(String, [UInt8], Int)]
    )
    func `are refused with a reason`(name: String, bytes: [UInt8], code: Int) {
        var reader = WebSocketFrameReader()
        reader.append(bytes)
        let problem = #expect(throws: WebSocketFrameReader.Problem.self) { try reader.next() }
        #expect(problem?.closeCode == code, "\(name)")
    }

    @Test func `prove that a key was read as RFC 6455 shows it`() {
        #expect(WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}
