/// A picture of a health check's timeline: probes as marks by their answers, requests between them as bars. Its text twin is the
/// timeline itself, which stands below it; a reader of screens gets that and skips the picture.
struct TimelineDrawing {
    private struct Moment {
        var milliseconds: Int
        var answer: String
        var requests: Int
    }

    private let moments: [Moment]

    /// `nil` for a text that is not a timeline: lines like `120 ms  probe 3: 500; then 4 requests`.
    init?(_ text: String) {
        var moments: [Moment] = []
        for line in text.split(separator: "\n") {
            guard let moment = Self.moment(line) else { return nil }
            moments.append(moment)
        }
        guard !moments.isEmpty else { return nil }
        self.moments = moments
    }

    private static func moment(_ line: Substring) -> Moment? {
        let words = line.split(separator: " ")
        guard words.count >= 8, words[1] == "ms", words[2] == "probe", let milliseconds = Int(words[0]),
            words[words.count - 1] == "requests", words[words.count - 3] == "then",
            let requests = Int(words[words.count - 2]), milliseconds >= 0, requests >= 0
        else { return nil }
        let answer = words[4..<(words.count - 3)].joined(separator: " ")
        return Moment(
            milliseconds: milliseconds,
            answer: answer.hasSuffix(";") ? String(answer.dropLast()) : answer,
            requests: requests
        )
    }

    private static let (width, height, left, base) = (720, 150, 20, 110)

    var svg: String {
        let last = max(1, self.moments.map(\.milliseconds).max() ?? 1)
        let most = max(1, self.moments.map(\.requests).max() ?? 1)
        // Room behind the last probe for what came after it.
        let x = { (milliseconds: Int) in Self.left + milliseconds * (Self.width - 110) / last }
        var marks = ""
        for (index, moment) in self.moments.enumerated() {
            let at = x(moment.milliseconds)
            let end = index + 1 < self.moments.count ? x(self.moments[index + 1].milliseconds) : at + 60
            let bar = moment.requests * 60 / most
            if bar > 0 {
                marks +=
                    "<rect x=\"\(at + 3)\" y=\"\(Self.base - bar)\" width=\"\(max(2, end - at - 6))\" height=\"\(bar)\" "
                marks += "fill=\"currentColor\" opacity=\".25\"/>"
            }
            marks +=
                "<circle cx=\"\(at)\" cy=\"\(Self.base)\" r=\"5\" fill=\"\(Self.isGood(moment.answer) ? "var(--pass)" : "var(--fail)")\"/>"
            marks +=
                "<text x=\"\(at)\" y=\"\(Self.base + 20)\" text-anchor=\"middle\">\(HTMLText.escaped(moment.answer.prefix(9)))</text>"
            marks += "<text x=\"\(at + 4)\" y=\"\(Self.base - bar - 4)\">\(moment.requests)</text>"
        }
        return """
            <svg viewBox="0 0 \(Self.width) \(Self.height)" width="\(Self.width)" height="\(Self.height)" aria-hidden="true" \
            font-size="12" fill="currentColor"><line x1="0" y1="\(Self.base)" x2="\(Self.width)" y2="\(Self.base)" \
            stroke="currentColor"/>\(marks)<text x="0" y="\(Self.height - 4)">probes by their answers; between them the requests \
            at the target</text></svg>
            """
    }

    private static func isGood(_ answer: String) -> Bool {
        answer.count == 3 && answer.hasPrefix("2")
    }
}
