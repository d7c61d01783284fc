import ELBModel
import ELBWire
import Testing

@Suite struct `DNS messages` {
    /// A query as dig sends it: one question, EDNS with the given payload size.
    private static func query(_ name: [String], type: UInt16 = 1, payloadSize: UInt16? = 1232) -> [UInt8] {
        var message: [UInt8] = [0xAB, 0xCD, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, payloadSize == nil ? 0 : 1]
        for label in name { message += [UInt8(label.utf8.count)] + Array(label.utf8) }
        message += [0, UInt8(type >> 8), UInt8(type & 0xFF), 0, 1]
        if let payloadSize {
            message += [0, 0, 41, UInt8(payloadSize >> 8), UInt8(payloadSize & 0xFF), 0, 0, 0x80, 0, 0, 0]
        }
        return message
    }

    private static func parsed(_ message: [UInt8]) throws -> DNSQuery {
        guard case .query(let query) = DNSQueryParser.parse(message.span) else {
            Issue.record("not a query: \(message)")
            throw CancellationError()
        }
        return query
    }

    @Test func `are read`() throws {
        let query = try Self.parsed(Self.query(["wEb", "aWs", "test"]))
        #expect(query.id == 0xABCD && query.recursionDesired)
        #expect(query.name == DomainName("web.aws.test"))
        #expect(query.type == .a && query.class == 1)
        #expect(query.extensions == .init(payloadSize: 1232, version: 0, wantsDNSSEC: true))
        #expect(String(decoding: query.question, as: UTF8.self).contains("wEb"))
    }

    @Test func `go back with the question to the letter`() throws {
        let query = try Self.parsed(Self.query(["wEb", "aWs", "test"], payloadSize: nil))
        let response = DNSResponse(answers: [DNSRecord(timeToLive: 60, .address(.v4(IPv4Address(127, 50, 1, 4))))])
        let expected: [UInt8] =
            [0xAB, 0xCD, 0x85, 0x00, 0, 1, 0, 1, 0, 0, 0, 0] + query.question
            + [0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 50, 1, 4]
        #expect(response.message(to: query) == expected)
        #expect(response.datagram(to: query) == expected)
    }

    @Test func `are cut to what the client takes, and say so`() throws {
        let records = (0..<100).map { DNSRecord(timeToLive: 60, .address(.v4(IPv4Address(127, 50, 1, UInt8($0))))) }
        for (payloadSize, limit) in [(nil, 512), (100, 512), (1232, 1232), (65_535, 1232)] as [(UInt16?, Int)] {
            let query = try Self.parsed(Self.query(["web", "aws", "test"], payloadSize: payloadSize))
            let datagram = DNSResponse(answers: records).datagram(to: query)
            #expect(datagram.count <= limit)
            #expect(datagram[2] & 0x02 != 0)
            #expect(DNSResponse(answers: records).message(to: query).count > 1600)
            #expect(DNSResponse(answers: Array(records.prefix(4))).datagram(to: query)[2] & 0x02 == 0)
        }
    }

    @Test func `carry a code of EDNS in two parts`() throws {
        let query = try Self.parsed(Self.query(["aws", "test"]))
        let message = DNSResponse(.badVersion, isAuthoritative: false).message(to: query)
        #expect(message[3] & 0xF == 0)
        #expect(message.suffix(6).first == 1)
    }

    @Test(
        arguments: [
            ("a pointer in the question", [0xC0, 0x0C, 0, 1, 0, 1]), ("a label cut short", [5, 0x61]),
            ("no end of the name", [1, 0x61]), ("no type", [1, 0x61, 0]),
            ("a long label", [64] + Array(repeating: 0x61, count: 70)),
        ] as [(String, [UInt8])]
    )
    func `that cannot be read are answered with their header`(what: String, rest: [UInt8]) {
        let message = [0xAB, 0xCD, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0] + rest
        #expect(DNSQueryParser.parse(message.span) == .unreadable(id: 0xABCD, opcode: 0, .formatError), "\(what)")
    }

    @Test func `of other kinds are not implemented, and responses ignored`() {
        var message = Self.query(["a"])
        message[2] = 0x28
        #expect(DNSQueryParser.parse(message.span) == .unreadable(id: 0xABCD, opcode: 5, .notImplemented))
        message[2] = 0x81
        #expect(DNSQueryParser.parse(message.span) == .ignored)
        #expect(DNSQueryParser.parse(Array(message.prefix(11)).span) == .ignored)
        #expect(
            DNSResponse.message(toUnreadable: 0xABCD, opcode: 5, .notImplemented)
                == [0xAB, 0xCD, 0xA8, 0x04, 0, 0, 0, 0, 0, 0, 0, 0]
        )
    }

    @Test func `with two EDNS records, or one that is cut, cannot be read`() {
        var twice = Self.query(["a"])
        twice += twice.suffix(11)
        twice[11] = 2
        #expect(DNSQueryParser.parse(twice.span) == .unreadable(id: 0xABCD, opcode: 0, .formatError))
        let cut = Array(Self.query(["a"]).dropLast())
        #expect(DNSQueryParser.parse(cut.span) == .unreadable(id: 0xABCD, opcode: 0, .formatError))
    }

    @Test func `of random bytes end`() {
        let seed = UInt64.random(in: .min ... .max)
        var state = seed
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        for _ in 0..<20_000 {
            var message = Self.query(["web", "aws", "test"])
            for _ in 0..<3 { message[Int(next()) % message.count] = next() }
            message.removeLast(Int(next()) % message.count)
            if case .query(let query) = DNSQueryParser.parse(message.span) {
                #expect(query.name.description.utf8.count <= 255, "seed \(seed)")
            }
        }
    }

    @Test func `hold names that are names`() {
        #expect(DomainName("a..b") == nil)
        #expect(DomainName(String(repeating: "a", count: 64)) == nil)
        #expect(DomainName(Array(repeating: "abcdefg", count: 40).joined(separator: ".")) == nil)
        #expect(DomainName("Web.AWS.test.") == DomainName("web.aws.test"))
        #expect(DomainName("web.aws.test")?.parent == DomainName("aws.test"))
        #expect(DomainName(".") == .root && DomainName.root.parent == nil)
    }
}
