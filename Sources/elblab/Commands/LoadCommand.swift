import ArgumentParser
import ELBConformance
import FoundationEssentials

/// `elblab load`: requests by libcurl, counted by answer and by target.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Send requests, and show latencies and who answered.",
        discussion: """
            Each request carries X-Request-Id: load-SEED-NUMBER, which 'elblab fleet log --containing' finds again. With \
            --rate, requests are due at random distances drawn from the seed, and latency counts from when they were due. \
            Ends with 1 when a request had no answer, or one of 500 or above.

            Example: elblab load http://127.50.1.4:18080/ --requests 200 --rate 100
            """
    )

    @Argument(help: "An http URL.")
    var url: String

    @Option(name: .long, help: "How many requests, 1 to 10,000,000.")
    var requests = 100

    @Option(name: .long, help: "Requests per second on average. Without it: as fast as the connections allow.")
    var rate: Double?

    @Option(name: .long, help: "Connections side by side, 1 to 256.")
    var connections = 8

    @Option(name: .long, help: "What the distances between requests are drawn from.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "Seconds until a request is given up.")
    var timeout = 10.0

    @Option(name: .long, help: "HOST:PORT:ADDRESS, as curl's; may be repeated.")
    var resolve: [String] = []

    @Flag(name: .long, help: "Print one line only.")
    var summary = false

    @OptionGroup var quiet: QuietOption
    @OptionGroup var text: PlainOption
    @OptionGroup var data: JSONOption

    func validate() throws {
        guard self.url.hasPrefix("http://"), self.url.count > "http://".count else {
            throw ValidationError("'\(self.url)' is not an http URL")
        }
        guard (1...10_000_000).contains(self.requests) else {
            throw ValidationError("--requests is 1 to 10000000, not \(self.requests)")
        }
        guard (1...256).contains(self.connections) else {
            throw ValidationError("--connections is 1 to 256, not \(self.connections)")
        }
        if let rate = self.rate, !(rate >= 0.001 && rate <= 1_000_000) {
            throw ValidationError("--rate is 0.001 to 1000000 a second, not \(rate)")
        }
        guard self.timeout >= 0.001, self.timeout <= 3600 else {
            throw ValidationError("--timeout is 0.001 to 3600 seconds, not \(self.timeout)")
        }
    }

    func run() async throws {
        let bar = ProgressBar("load", total: self.requests, enabled: !self.quiet.quiet && !self.text.plain)
        let (url, seed, resolve, timeout) = (self.url, self.seed, self.resolve, Duration.seconds(self.timeout))
        let runner = LoadRunner(
            plan: LoadPlan(requests: self.requests, rate: self.rate, seed: self.seed),
            connections: min(self.connections, self.requests)
        ) { number in
            CurlRequest(
                "GET",
                url,
                headers: [CurlHeader("X-Request-Id", "load-\(seed)-\(number + 1)")],
                resolve: resolve,
                connectTimeout: timeout,
                timeout: timeout
            )
        }
        let (tally, took) = await runner.run { bar.update($0) }
        bar.finish()
        let report = LoadReport(tally, took: took, seed: self.seed)
        if self.data.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            StandardStream.output.printLine(String(decoding: try encoder.encode(report), as: UTF8.self))
        } else {
            let lines = self.summary ? [report.summary] : report.lines(self.text.style)
            for line in lines { StandardStream.output.printLine(line) }
        }
        if !tally.isClean { throw CommandFailure.reported(.failure) }
    }
}
