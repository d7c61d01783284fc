/// Colours and marks for a person's terminal; plain text everywhere else. The words never depend on it.
struct TextStyle: Sendable {
    private let colours: Bool
    /// True when boxes, bars and cursor movement are out of place: `--plain`, a pipe, a file.
    let isPlain: Bool

    init(terminal: Terminal = .output, plain: Bool) {
        self.colours = terminal.allowsColours && !plain
        self.isPlain = plain || !terminal.isInteractive
    }

    func bold(_ text: String) -> String { self.wrap(text, "1") }
    func dim(_ text: String) -> String { self.wrap(text, "2") }
    func red(_ text: String) -> String { self.wrap(text, "31") }
    func green(_ text: String) -> String { self.wrap(text, "32") }
    func yellow(_ text: String) -> String { self.wrap(text, "33") }
    func cyan(_ text: String) -> String { self.wrap(text, "36") }

    private func wrap(_ text: String, _ code: String) -> String {
        self.colours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
