import ArgumentParser
import Glibc

/// CPU time per proxied keep-alive request, beside HAProxy and nginx, in one run on one machine.
struct HTTPCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "Measure CPU per request and requests per second beside HAProxy and nginx.",
        discussion: """
            Every proxy has one worker and the same backend and load (wrk). Proxies are pinned to one core and everything else to \
            the others where taskset is installed. Ours runs with 100 rules, health checks, metrics and access log; the others \
            with what they need to forward. CPU is user plus system time of the proxy's process.
            """
    )

    @Option(help: "Seconds per measurement.")
    var seconds = 5

    @Option(help: "Keep-alive connections.")
    var connections = 64

    @Option(help: "Measurements per proxy; the best of each is shown.")
    var rounds = 2

    @Option(name: .customLong("only"), help: "Measure only these: elblab, haproxy, nginx.")
    var only: [String] = []

    func run() throws {
        guard let wrk = System.find("wrk") else {
            throw ChildProcess.Failure(description: "wrk is not installed (apt-get install wrk)")
        }
        let folder = try WorkFolder()
        defer { folder.remove() }
        let backendPort = try System.freePort()
        let backend = try ChildProcess(
            self.pinned([System.ownPath, "serve-backend", "--port", "\(backendPort)"], toProxyCore: false),
            output: folder.file("backend.txt")
        )
        defer { backend.stop() }
        try Loopback.waitForListener(port: backendPort, seconds: 10)

        var results: [(rival: Rival, sample: Sample)] = []
        for rival in Rival.allCases where self.only.isEmpty || self.only.contains(rival.rawValue) {
            guard let sample = try self.measure(rival, backend: backendPort, wrk: wrk, folder) else {
                print("\(rival.rawValue): not installed")
                continue
            }
            results.append((rival, sample))
        }
        self.report(results)
    }

    /// What one measurement saw.
    struct Sample {
        var requestsPerSecond: Double
        var microsecondsPerRequest: Double
        var errors: Int
    }

    private func pinned(_ command: [String], toProxyCore: Bool) -> [String] {
        guard System.cores > 1, let taskset = System.find("taskset") else { return command }
        return [taskset, "-c", toProxyCore ? "0" : "1-\(System.cores - 1)"] + command
    }

    private func measure(_ rival: Rival, backend: UInt16, wrk: String, _ folder: WorkFolder) throws -> Sample? {
        let port = try System.freePort()
        guard let command = try rival.command(listen: port, backend: backend, folder: folder) else { return nil }
        let proxy = try ChildProcess(
            self.pinned(command, toProxyCore: true),
            output: folder.file("\(rival.rawValue).txt")
        )
        defer { proxy.stop() }
        do {
            try Loopback.waitForListener(port: port, seconds: 10)
        } catch {
            let words = (try? TextFile.read(folder.file("\(rival.rawValue).txt"))) ?? ""
            throw ChildProcess.Failure(description: "\(rival.rawValue) did not start: \(words)")
        }
        var best: Sample?
        _ = try self.load(wrk, port, seconds: 1, folder)
        for _ in 0..<max(1, self.rounds) {
            let before = proxy.cpuSeconds
            let (requests, errors) = try self.load(wrk, port, seconds: self.seconds, folder)
            let cpu = proxy.cpuSeconds - before
            guard requests > 0 else { continue }
            let sample = Sample(
                requestsPerSecond: Double(requests) / Double(self.seconds),
                microsecondsPerRequest: cpu * 1_000_000 / Double(requests),
                errors: errors
            )
            if sample.microsecondsPerRequest < best?.microsecondsPerRequest ?? .infinity { best = sample }
        }
        return best
    }

    /// Runs wrk; returns how many requests were answered, and how many were not or not with 2xx.
    private func load(_ wrk: String, _ port: UInt16, seconds: Int, _ folder: WorkFolder) throws -> (Int, Int) {
        let output = folder.file("wrk.txt")
        let command = [
            wrk, "-t1", "-c\(self.connections)", "-d\(seconds)s", "-H", "User-Agent: wrk", "-H", "Accept: */*",
            "http://127.0.0.1:\(port)/",
        ]
        let process = try ChildProcess(self.pinned(command, toProxyCore: false), output: output)
        process.wait()
        var requests = 0
        var errors = 0
        for line in try TextFile.read(output).split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "," || $0 == ":" })
            if words.count > 2, words[1] == "requests", words[2] == "in" { requests = Int(words[0]) ?? 0 }
            if line.contains("Non-2xx") || line.contains("Socket errors") {
                errors += words.compactMap { Int($0) }.reduce(0, +)
            }
        }
        return (requests, errors)
    }

    private func report(_ results: [(rival: Rival, sample: Sample)]) {
        print("proxy      CPU µs/request   requests/s   errors")
        for (rival, sample) in results {
            let name = rival.rawValue + String(repeating: " ", count: max(0, 10 - rival.rawValue.count))
            print(
                "\(name) \(Hundredths.text(sample.microsecondsPerRequest))            \(Int(sample.requestsPerSecond))        \(sample.errors)"
            )
        }
        guard let ours = results.first(where: { $0.rival == .elblab })?.sample,
            let best = results.filter({ $0.rival != .elblab }).map(\.sample.microsecondsPerRequest).min()
        else { return }
        print(
            "ratio to the better of the others: \(Hundredths.text(ours.microsecondsPerRequest / best))  (smaller is better)"
        )
    }
}
