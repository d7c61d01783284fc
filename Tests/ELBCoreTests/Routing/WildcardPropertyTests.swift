import ELBCore
import ELBModel
import ELBTestSupport
import Testing

/// The compiled matcher against the definition, on random patterns and texts.
@Suite struct `Wildcards by definition` {
    /// What a pattern means, straight from the definition: which starts of the text each start of the pattern matches.
    private static func matches(_ pattern: String, _ text: String) -> Bool {
        let text = Array(text.utf8)
        var matched = [true] + Array(repeating: false, count: text.count)
        for symbol in pattern.utf8 {
            var next = Array(repeating: false, count: text.count + 1)
            for length in 0...text.count {
                switch symbol {
                case UInt8(ascii: "*"): next[length] = matched[...length].contains(true)
                case UInt8(ascii: "?"): next[length] = length > 0 && matched[length - 1]
                default: next[length] = length > 0 && matched[length - 1] && text[length - 1] == symbol
                }
            }
            matched = next
        }
        return matched[text.count]
    }

    private static func random(_ alphabet: String, upTo length: Int, _ generator: inout SplitMix64) -> String {
        let letters = Array(alphabet)
        return "/"
            + String((0..<generator.next(below: length + 1)).map { _ in letters[generator.next(below: letters.count)] })
    }

    @Test(.covers("ALB-COND-002", "ALB-COND-003", "ALB-COND-011"), arguments: [1, 2, 3] as [UInt64])
    func `agree with the compiled matcher`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<150 {
            let patterns = (0..<3).map { _ in Self.random("ab/**?", upTo: 20, &generator) }
            let listener = try SampleBalancer.make([[.pathPattern(.patterns(patterns))]])
            for _ in 0..<10 {
                let text = Self.random("ab/", upTo: 22, &generator)
                let expected = patterns.contains { Self.matches($0, text) }
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
