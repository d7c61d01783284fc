import ELBTestSupport
import ELBWire
import Testing

@Suite(.timeLimit(.minutes(1)))
struct `An HTTP/2 client's first frames` {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let settings: [UInt8] = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]
    private static let windowUpdate: [UInt8] = [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 1, 0, 0]
    private static let headers: [UInt8] = [0, 0, 2, 1, 5, 0, 0, 0, 1, 0x82, 0x84]

    /// What the reader gets of bytes that come in parts of this size.
    private func read(_ bytes: [UInt8], inPartsOf size: Int) -> (bytes: [UInt8], isOver: Bool) {
        var opening = HTTP2Opening()
        var (given, waiting): ([UInt8], [UInt8]) = ([], [])
        for start in stride(from: 0, to: bytes.count, by: size) {
            waiting += bytes[start..<min(start + size, bytes.count)]
            read: while !waiting.isEmpty {
                switch opening.next(waiting.span) {
                case .pass(let count):
                    given += waiting.prefix(count)
                    waiting.removeFirst(count)
                case .passAndAcknowledge(let count):
                    given += waiting.prefix(count) + HTTP2Opening.acknowledgement
                    waiting.removeFirst(count)
                case .drop(let count): waiting.removeFirst(count)
                case .wait: break read
                case .over:
                    given += waiting
                    waiting = []
                }
            }
        }
        return (given, opening.isOver)
    }

    @Test(arguments: [1, 2, 7, 9, 23, 24, 25, 33, 1000])
    func `are given on with the acknowledgement moved to the front, however they are cut`(size: Int) {
        let early = Self.preface + Self.settings
        let late = Self.windowUpdate + Self.headers
        let sent = early + late + HTTP2Opening.acknowledgement + Self.headers
        let outcome = self.read(sent, inPartsOf: size)
        #expect(outcome.bytes == early + HTTP2Opening.acknowledgement + late + Self.headers)
        #expect(outcome.isOver)
    }

    @Test func `are followed for as long as the client does not acknowledge`() {
        let sent = Self.preface + Self.settings + Self.headers + Self.settings + Self.headers
        let outcome = self.read(sent, inPartsOf: 10)
        #expect(outcome.bytes.count == sent.count + HTTP2Opening.acknowledgement.count)
        #expect(!outcome.isOver)
    }

    @Test func `leave a second acknowledgement to the reader`() {
        let twice = HTTP2Opening.acknowledgement + HTTP2Opening.acknowledgement
        let outcome = self.read(Self.preface + Self.settings + twice, inPartsOf: 5)
        #expect(outcome.bytes == Self.preface + Self.settings + twice)
    }

    @Test(arguments: [headers, HTTP2Opening.acknowledgement, [0, 0, 1, 4, 1, 0, 0, 0, 0, 7]])
    func `that are no settings are the reader's to judge`(first: [UInt8]) {
        let sent = Self.preface + first + Self.settings
        let outcome = self.read(sent, inPartsOf: 4)
        #expect(outcome.bytes == sent)
        #expect(outcome.isOver)
    }

    @Test func `that acknowledge with a payload are the reader's to judge`() {
        let sent = Self.preface + Self.settings + [0, 0, 1, 4, 1, 0, 0, 0, 0, 7] + Self.headers
        let outcome = self.read(sent, inPartsOf: 3)
        #expect(outcome.bytes.suffix(21) == sent.suffix(21))
        #expect(!outcome.isOver)
    }
}
