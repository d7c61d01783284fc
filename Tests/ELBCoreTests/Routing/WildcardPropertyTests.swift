import ELBCore
import ELBModel
import ELBTestSupport
import Testing

/// The compiled matcher against the definition, on random patterns and texts.
@Suite struct `Wildcards by definition` {
    /// What a pattern means, straight from the definition and as slow as that.
    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case UInt8(ascii: "*"):
            return Self.matches(rest, text) || (!text.isEmpty && Self.matches(pattern, text.dropFirst()))
        case UInt8(ascii: "?"):
            return !text.isEmpty && Self.matches(rest, text.dropFirst())
        default:
            return text.first == first && Self.matches(rest, text.dropFirst())
        }
    }

    private static func random(_ alphabet: String, upTo length: Int, _ generator: inout SplitMix64) -> String {
        let letters = Array(alphabet)
        return "/"
            + String((0..<generator.next(below: length + 1)).map { _ in letters[generator.next(below: letters.count)] })
    }

    @Test(.covers("ALB-COND-002", "ALB-COND-003", "ALB-COND-011"), arguments: [1, 2, 3] as [UInt64])
    func `agree with the compiled matcher`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<400 {
            let patterns = (0..<3).map { _ in Self.random("ab/**?", upTo: 20, &generator) }
            let listener = try SampleBalancer.make([[.pathPattern(.patterns(patterns))]])
            for _ in 0..<10 {
                let text = Self.random("ab/", upTo: 22, &generator)
                let expected = patterns.contains { Self.matches(Array($0.utf8)[...], Array(text.utf8)[...]) }
                let priority = try listener.priority(for: SampleRequest(text))
                #expect((priority == 10) == expected, "seed \(seed): \(patterns) and \(text)")
            }
        }
    }

    @Test func `never take long`() throws {
        let listener = try SampleBalancer.make([[.path("/" + String(repeating: "*a", count: 63) + "b")]])
        #expect(try listener.priority(for: SampleRequest("/" + String(repeating: "a", count: 15000))) == 0)
    }
}
