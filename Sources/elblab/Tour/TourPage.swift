/// How the tour looks: numbered steps, facts below them, bars for counts.
struct TourPage: Sendable {
    private let style: TextStyle
    private let plain: Bool

    init(_ option: PlainOption) {
        self.style = option.style
        self.plain = option.plain
    }

    func title(_ text: String) {
        self.print(self.style.bold(text))
    }

    /// Begins a step.
    func step(_ number: Int, _ text: String) {
        if !self.plain { self.print("") }
        self.print(self.style.bold("\(number). \(text)"))
    }

    /// Something that is so.
    func fact(_ text: String) {
        self.print(self.plain ? text : "   \(text)")
    }

    /// Something that the tour set out to show.
    func verdict(_ text: String, holds: Bool) {
        let mark = holds ? self.style.green("ok") : self.style.red("NOT SO")
        self.fact("\(mark): \(text)")
    }

    /// Something that happened, `seconds` after the beginning of what is being watched.
    func event(after duration: Duration, _ text: String) {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        let rest = String(milliseconds % 1000)
        let digits = String(repeating: "0", count: 3 - rest.count) + rest
        self.fact("\(self.style.dim("+\(milliseconds / 1000).\(digits) s"))  \(text)")
    }

    /// A count for each name, in the order of `names`.
    func counts(_ names: [String], _ counts: [String: Int]) {
        let width = names.map(\.count).max() ?? 0
        let most = max(1, counts.values.max() ?? 0)
        for name in names {
            let count = counts[name, default: 0]
            let bar =
                self.plain || count == 0 ? "" : "  " + self.style.cyan(String(repeating: "#", count: count * 50 / most))
            self.fact("\(name.padding(to: width))  \(String(count).paddingLeft(to: 4))\(bar)")
        }
    }

    private func print(_ text: String) {
        StandardStream.output.printLine(text)
    }
}
