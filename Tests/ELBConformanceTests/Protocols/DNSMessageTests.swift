import ELBConformance
import Testing

@Suite struct `Messages of DNS, as the suite reads them` {
    private static let header: [UInt8] = [0x12, 0x34, 0x85, 0x00, 0, 1, 0, 1, 0, 0, 0, 0]
    private static let question: [UInt8] = [3] + Array("Web".utf8) + [4] + Array("test".utf8) + [0, 0, 1, 0, 1]
    private static let record: [UInt8] = [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 50, 1, 4]

    @Test func `questions are written with their letters`() {
        let question = DNSMessage.Question(id: 0x1234, name: "Web.test", type: .a, payloadSize: nil)
        #expect(question.bytes == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + Self.question)
        let extended = DNSMessage.Question(id: 0x1234, name: "Web.test", type: .aaaa, payloadSize: 1232)
        #expect(extended.bytes.suffix(11) == [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0])
        #expect(extended.bytes[11] == 1)
    }

    @Test func `answers are read with their pointers followed`() throws {
        let answer = try DNSAnswer(Self.header + Self.question + Self.record)
        #expect(answer.question == "Web.test" && answer.isAuthoritative && !answer.isTruncated)
        #expect(answer.answers == [.init(name: "Web.test", type: 1, timeToLive: 60, value: "127.50.1.4")])
        #expect(answer.summary == "NOERROR: 127.50.1.4 (60 s)")
    }

    @Test func `every cut message is no answer`() {
        let message = Self.header + Self.question + Self.record
        for length in 0..<message.count {
            #expect(throws: DNSMessage.Malformed.self) { try DNSAnswer(Array(message.prefix(length))) }
        }
        #expect(throws: DNSMessage.Malformed.self) { try DNSAnswer(message + [0]) }
    }

    @Test(
        arguments: [
            // To itself, forward, and a label of a kind that nobody uses.
            [0xC0, 0x0C, 0, 1, 0, 1], [0xC0, 0x20, 0, 1, 0, 1], [0x40, 0, 0, 1, 0, 1],
        ] as [[UInt8]]
    )
    func `names that lead nowhere are no names`(question: [UInt8]) {
        #expect(throws: DNSMessage.Malformed.self) { try DNSAnswer(Self.header + question + Self.record) }
    }

    @Test func `a query is no answer`() {
        var message = Self.header + Self.question + Self.record
        message[2] = 0x01
        #expect(throws: DNSMessage.Malformed.self) { try DNSAnswer(message) }
    }
}
