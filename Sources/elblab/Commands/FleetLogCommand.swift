import ArgumentParser
import ELBFleet

/// `elblab fleet log`: what each backend saw, byte for byte.
struct FleetLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Print the record of what backends saw, in order of time.",
        discussion: """
            One line per request; --raw adds its head as it was read, and the frames of HTTP/2 and WebSocket; --json prints \
            everything, bytes in base64.

            Example: elblab fleet log WebA --containing 67891233-abcdef --raw
            """
    )

    @OptionGroup var chosen: SelectionOptions

    @Option(name: .long, help: "Only requests with this text in their target or a header, such as a request id.")
    var containing: String?

    @Option(name: .long, help: "Only records with a higher number than this.")
    var after = 0

    @Option(name: .long, help: "At most so many records of each backend, 1 or more.")
    var limit = 1000

    @Flag(name: .long, help: "Leave health probes out.")
    var noProbes = false

    @Flag(name: .long, help: "Print each head as it was read, and frames.")
    var raw = false

    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        guard self.limit > 0 else { throw CommandFailure("--limit is 1 or more, not \(self.limit)", status: .usage) }
        let query = LogQuery(
            after: self.after,
            limit: self.limit,
            containing: self.containing,
            kind: self.noProbes ? .traffic : nil
        )
        let reply = try await FleetClient(self.endpoint).send(.log(self.chosen.selection, query))
        guard case .log(let logs) = reply else {
            throw CommandFailure("the lab answers something else than a log")
        }
        if self.data.json {
            let line = try ControlLines.encode(reply)
            StandardStream.output.write(String(decoding: line, as: UTF8.self))
            return
        }
        self.printText(logs)
    }

    private func printText(_ logs: [BackendLog]) {
        let lines = logs.flatMap { log in log.page.records.map { (log.name, $0) } }
        for (name, record) in lines.sorted(by: { $0.1.monotonicNanoseconds < $1.1.monotonicNanoseconds }) {
            StandardStream.output.printLine(self.line(name, record))
            if self.raw {
                StandardStream.output.write(Self.shown(record.rawHead))
                for line in Self.frames(of: record) { StandardStream.output.printLine("    \(line)") }
            }
        }
        for log in logs where log.page.hasMore {
            let last = log.page.records.last?.sequence ?? self.after
            StandardStream.error.printLine("\(log.name) has more: --after \(last)")
        }
        for log in logs where log.page.dropped > 0 {
            StandardStream.error.printLine("\(log.name): \(log.page.dropped) older records are gone")
        }
    }

    private func line(_ name: String, _ record: RequestRecord) -> String {
        let status = record.status.map(String.init) ?? "-"
        let fault = record.fault.map { " [\($0)]" } ?? ""
        let request = record.method.isEmpty ? "(not HTTP)" : "\(record.method) \(record.target) \(record.version)"
        return "\(name) #\(record.sequence) \(record.kind.rawValue) from \(record.peerAddress):\(record.peerPort) "
            + "conn \(record.connection)/\(record.requestOnConnection) \(request) "
            + "body \(record.bodyLength) -> \(status) \(record.outcome.rawValue)\(fault)"
    }

    /// Frames, `text 5 last "hello"`, and how a WebSocket ended.
    private static func frames(of record: RequestRecord) -> [String] {
        var lines = record.frames.map { frame in
            frame.kind == "text" ? "\(frame) \"\(Self.shownText(frame.payload.text))\"" : "\(frame)"
        }
        if record.framesDropped > 0 { lines.append("... and \(record.framesDropped) more frames") }
        if let status = record.grpcStatus { lines.append("grpc-status \(status)") }
        if let ending = record.ending { lines.append(Self.shownText(ending)) }
        return lines
    }

    private static func shownText(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : Character($0) }.prefix(200))
    }

    /// A head for the eye: other control characters than line ends would play with the terminal.
    private static func shown(_ head: RecordedBytes) -> String {
        let lines = head.text.unicodeScalars.filter { $0 != "\r" }.split(separator: "\n")
        return lines.map { line in
            "    \(String(line.map { $0.value < 32 || $0.value == 127 ? "?" : Character($0) }))\n"
        }.joined()
    }
}
