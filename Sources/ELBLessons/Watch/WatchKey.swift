/// What a learner can ask for while an answer is watched.
package enum WatchKey: Hashable, Sendable {
    /// On to the next exercise, or lesson.
    case next
    case hint
    case runAgain
    case reset
    case solution
    case list
    case explain
    case quit
    /// So many lines down, or up.
    case scroll(Int)
    /// So many screens down, or up.
    case page(Int)
    /// Back to the checks.
    case back
    case redraw
    /// Something else.
    case other

    /// The letter that stands for each, in the order of the last line.
    package static let letters: [(letter: Character, key: WatchKey, message: String)] = [
        ("n", .next, "watch.key.next"), ("h", .hint, "watch.key.hint"), ("r", .runAgain, "watch.key.run"),
        ("x", .reset, "watch.key.reset"), ("s", .solution, "watch.key.solution"), ("l", .list, "watch.key.list"),
        ("e", .explain, "watch.key.explain"), ("q", .quit, "watch.key.quit"),
    ]

    /// The same keys while a Korean keyboard is on: the letters of the two-set layout.
    private static let korean: [Character: Character] = [
        "ㅜ": "n", "ㅗ": "h", "ㄱ": "r", "ㅌ": "x", "ㄴ": "s", "ㅣ": "l", "ㄷ": "e", "ㅂ": "q", "ㅓ": "j", "ㅏ": "k", "ㅠ": "b",
    ]

    /// The key of a letter, whatever keyboard it was typed on.
    package init(letter: Character) {
        let letter = Self.korean[letter] ?? Character(letter.lowercased())
        if let key = Self.letters.first(where: { $0.letter == letter })?.key {
            self = key
            return
        }
        switch letter {
        case "j": self = .scroll(1)
        case "k": self = .scroll(-1)
        case " ": self = .page(1)
        case "b": self = .page(-1)
        case _: self = .other
        }
    }
}

/// Makes keys of the bytes that a terminal sends, however they are cut.
package struct KeyParser: Sendable {
    private var rest: [UInt8] = []

    package init() {}

    /// - Parameter isPause: no more bytes follow for now, so that an escape stands for itself.
    package mutating func parse(_ bytes: some Sequence<UInt8>, isPause: Bool = true) -> [WatchKey] {
        self.rest += bytes
        var keys: [WatchKey] = []
        while let first = self.rest.first {
            guard first == 0x1B else {
                guard let (key, length) = Self.plain(self.rest) else { break }
                self.rest.removeFirst(length)
                keys.append(key)
                continue
            }
            guard let (key, length) = Self.escape(self.rest) else {
                if isPause {
                    if self.rest.count == 1 { keys.append(.back) }
                    self.rest = []
                }
                break
            }
            self.rest.removeFirst(length)
            if let key { keys.append(key) }
        }
        // No sequence is that long.
        if self.rest.count > 32 { self.rest = [] }
        return keys
    }

    /// One character, or `nil` while some of its bytes are missing.
    private static func plain(_ bytes: [UInt8]) -> (WatchKey, Int)? {
        switch bytes[0] {
        case 0x04: return (.quit, 1)
        case 0x0C: return (.redraw, 1)
        case 0x0A, 0x0D: return (.scroll(1), 1)
        case 0x7F, 0x08: return (.back, 1)
        case ..<0x80: return (WatchKey(letter: Character(Unicode.Scalar(bytes[0]))), 1)
        case _:
            let length = bytes[0] > 0xF4 ? 1 : bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : bytes[0] >= 0xC2 ? 2 : 1
            guard bytes.count >= length else { return nil }
            let text = String(decoding: bytes[..<length], as: UTF8.self)
            return (text.first.map { WatchKey(letter: $0) } ?? .other, length)
        }
    }

    /// A key that sends a sequence of its own: arrows and pages. Others mean nothing here.
    /// - Returns: `nil` while the sequence is not complete.
    private static func escape(_ bytes: [UInt8]) -> (WatchKey?, Int)? {
        guard bytes.count > 1 else { return nil }
        guard bytes[1] == UInt8(ascii: "[") || bytes[1] == UInt8(ascii: "O") else { return (.back, 1) }
        guard let last = bytes[2...].firstIndex(where: { (0x40...0x7E).contains($0) }) else { return nil }
        let key: WatchKey? =
            switch (bytes[last], bytes[2]) {
            case (UInt8(ascii: "A"), _): .scroll(-1)
            case (UInt8(ascii: "B"), _): .scroll(1)
            case (UInt8(ascii: "H"), _): .page(-1_000)
            case (UInt8(ascii: "F"), _): .page(1_000)
            case (UInt8(ascii: "~"), UInt8(ascii: "5")): .page(-1)
            case (UInt8(ascii: "~"), UInt8(ascii: "6")): .page(1)
            case _: nil
            }
        return (key, last + 1)
    }
}
