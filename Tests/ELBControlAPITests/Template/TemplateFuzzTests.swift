import ELBControlAPI
import Testing

@Suite struct `Damaged templates` {
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9e37_79b9_7f4a_7c15
            var z = self.state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    /// Pieces that mean something to YAML or to a template.
    private static let pieces = [
        "!Ref ", "!Sub ", "${", "}", "[", "]", "{", "&a ", "*a", "|", ">", "\"", "'", ": ", "- ", "\n", "\t", "\0", "#",
        "Fn::GetAtt", "Ref", "WebA", "null", "~", "99999999999999999999", "-1", "\u{feff}", "é", "? ", "<<: ", "---\n",
    ]

    @Test(.timeLimit(.minutes(1)), arguments: TemplateFiles.names(in: TemplateFiles.folder))
    func `end in a topology or in diagnostics, never in a crash`(name: String) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix(state: seed)
        let good = try TemplateFiles.source(name, in: TemplateFiles.folder)
        for round in 0..<300 {
            var damaged = good
            for _ in 0...Int.random(in: 0...3, using: &random) { Self.damage(&damaged.bytes, &random) }
            do throws(DiagnosticsError) {
                _ = try TemplateReader.read([damaged])
            } catch {
                #expect(!error.diagnostics.isEmpty, "seed \(seed), round \(round)")
                #expect(error.diagnostics.allSatisfy { $0.file == name }, "seed \(seed), round \(round)")
            }
        }
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
        case 2: bytes.insert(contentsOf: (self.pieces.randomElement(using: &random) ?? "").utf8, at: place)
        case 3: bytes.removeLast(bytes.count - place)
        default:
            let end = min(bytes.count, place + Int.random(in: 1...200, using: &random))
            bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0..<bytes.count, using: &random))
        }
    }
}
