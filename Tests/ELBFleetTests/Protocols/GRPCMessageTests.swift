import ELBFleet
import Testing

@Suite struct `gRPC messages` {
    @Test func `stand behind a flag and their length`() {
        #expect(GRPCMessages.framed([1, 2, 3]) == [0, 0, 0, 0, 3, 1, 2, 3])
        #expect(GRPCMessages.framed([]) == [0, 0, 0, 0, 0])
    }

    @Test(arguments: [1, 4, 5, 6, 1000])
    func `are read whatever the pieces they come in`(length: Int) throws {
        let messages: [[UInt8]] = [[], [1], Array(repeating: 5, count: 300), [9, 9]]
        let bytes = messages.flatMap { GRPCMessages.framed($0) }
        var reader = GRPCMessages.Reader()
        var read: [[UInt8]] = []
        for start in stride(from: 0, to: bytes.count, by: length) {
            reader.append(bytes[start..<min(start + length, bytes.count)])
            while let message = try reader.next() { read.append(message) }
        }
        #expect(read == messages)
        #expect(!reader.isInside)
    }

    @Test(arguments: [([1, 0, 0, 0, 0], 12), ([0, 0xFF, 0, 0, 0], 8)] as [([UInt8], Int)])
    func `are refused with a status when they are compressed or too long`(bytes: [UInt8], status: Int) {
        var reader = GRPCMessages.Reader()
        reader.append(bytes)
        let problem = #expect(throws: GRPCMessages.Problem.self) { try reader.next() }
        #expect(problem?.status == status)
    }
}
