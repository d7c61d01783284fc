import Glibc

/// What is known of one output stream: whether a person looks at it, how wide it is, whether colours are welcome.
struct Terminal: Sendable {
    /// True when the stream is a terminal; progress bars and colours are for those only.
    let isInteractive: Bool
    /// Columns; 80 when the stream is no terminal or does not say.
    let width: Int
    /// A terminal that shows colours and whose user has not set `NO_COLOR` (no-color.org: any value but the empty one).
    let allowsColours: Bool

    static let output = Terminal(stream: .output)
    static let error = Terminal(stream: .error)

    private init(stream: StandardStream) {
        let interactive = isatty(stream.rawValue) == 1
        var size = winsize()
        let known = interactive && ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let refused = !(Environment.value("NO_COLOR") ?? "").isEmpty || Environment.value("TERM") == "dumb"
        self.isInteractive = interactive
        self.width = known ? Int(size.ws_col) : 80
        self.allowsColours = interactive && !refused
    }
}
