import ArgumentParser

/// What is the same for every measurement of proxies: which, for how long, how often.
struct MeasurementOptions: ParsableArguments {
    @Option(help: "Seconds per measurement.")
    var seconds = 5

    @Option(help: "Measurements per proxy; the best of each is shown.")
    var rounds = 2

    @Option(name: .customLong("only"), help: "Measure only these: elblab, haproxy, nginx.")
    var only: [String] = []
}

/// Measures every proxy that is installed under the same load: one worker each, in front of one backend. Proxies are pinned to one
/// core and everything else to the others where taskset is installed. CPU is user plus system time of the proxy's process.
struct ProxyMeasurement {
    let options: MeasurementOptions
    /// What clients speak to the proxies.
    let front: Front

    /// Sends the load for so many seconds; says how many requests were answered, and how many were not or not with 2xx.
    typealias Load = (_ port: UInt16, _ seconds: Int, _ folder: WorkFolder) throws -> (requests: Int, errors: Int)

    /// What one measurement saw.
    struct Sample {
        var requestsPerSecond: Double
        var microsecondsPerRequest: Double
        var errors: Int
    }

    func run(load: Load) throws {
        let folder = try WorkFolder()
        defer { folder.remove() }
        if self.front.isSecure { try ServerCertificate.make(in: folder) }
        let backendPort = try System.freePort()
        let backend = try ChildProcess(
            Self.pinned([System.ownPath, "serve-backend", "--port", "\(backendPort)"], toProxyCore: false),
            output: folder.file("backend.txt")
        )
        defer { backend.stop() }
        try Loopback.waitForListener(port: backendPort, seconds: 10)

        var results: [(rival: Rival, sample: Sample)] = []
        for rival in Rival.allCases where self.options.only.isEmpty || self.options.only.contains(rival.rawValue) {
            guard let sample = try self.measure(rival, backend: backendPort, folder, load) else {
                print("\(rival.rawValue): not installed")
                continue
            }
            results.append((rival, sample))
        }
        self.report(results)
    }

    /// The command, kept to the proxy's core or away from it.
    static func pinned(_ command: [String], toProxyCore: Bool) -> [String] {
        guard System.cores > 1, let taskset = System.find("taskset") else { return command }
        return [taskset, "-c", toProxyCore ? "0" : "1-\(System.cores - 1)"] + command
    }

    private func measure(_ rival: Rival, backend: UInt16, _ folder: WorkFolder, _ load: Load) throws -> Sample? {
        let port = try System.freePort()
        guard let command = try rival.command(listen: port, front: self.front, backend: backend, folder: folder) else {
            return nil
        }
        let proxy = try ChildProcess(
            Self.pinned(command, toProxyCore: true),
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
        _ = try load(port, 1, folder)
        for _ in 0..<max(1, self.options.rounds) {
            let before = proxy.cpuSeconds
            let (requests, errors) = try load(port, self.options.seconds, folder)
            let cpu = proxy.cpuSeconds - before
            guard requests > 0 else { continue }
            let sample = Sample(
                requestsPerSecond: Double(requests) / Double(self.options.seconds),
                microsecondsPerRequest: cpu * 1_000_000 / Double(requests),
                errors: errors
            )
            if sample.microsecondsPerRequest < best?.microsecondsPerRequest ?? .infinity { best = sample }
        }
        return best
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

/// What clients speak to the proxies under measurement.
enum Front {
    case http
    /// HTTP/1.1 over TLS.
    case https
    /// HTTP/2 over TLS.
    case http2

    var isSecure: Bool {
        switch self {
        case .http: false
        case .https, .http2: true
        }
    }
}

/// One key and certificate for all proxies of a run, so that they do the same arithmetic.
enum ServerCertificate {
    static func certificate(in folder: WorkFolder) -> String { folder.file("server.crt") }
    static func key(in folder: WorkFolder) -> String { folder.file("server.key") }
    /// Both in one file, as HAProxy wants them.
    static func bundle(in folder: WorkFolder) -> String { folder.file("server.pem") }

    static func make(in folder: WorkFolder) throws {
        guard let openssl = System.find("openssl") else {
            throw ChildProcess.Failure(description: "openssl is not installed (apt-get install openssl)")
        }
        let process = try ChildProcess(
            [
                openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", "/CN=127.0.0.1", "-days", "2", "-keyout", Self.key(in: folder), "-out",
                Self.certificate(in: folder),
            ],
            output: folder.file("openssl.txt")
        )
        process.wait()
        let parts = [Self.certificate(in: folder), Self.key(in: folder)]
        try TextFile.write(try parts.map { try TextFile.read($0) }.joined(), to: Self.bundle(in: folder))
    }
}

/// The load generator wrk, for HTTP/1.1 with and without TLS.
struct Wrk {
    let program: String
    let connections: Int

    init(connections: Int) throws {
        guard let program = System.find("wrk") else {
            throw ChildProcess.Failure(description: "wrk is not installed (apt-get install wrk)")
        }
        self.program = program
        self.connections = connections
    }

    func load(scheme: String, port: UInt16, seconds: Int, _ folder: WorkFolder) throws -> (requests: Int, errors: Int) {
        let output = folder.file("wrk.txt")
        let command = [
            self.program, "-t1", "-c\(self.connections)", "-d\(seconds)s", "-H", "User-Agent: wrk", "-H",
            "Accept: */*", "\(scheme)://127.0.0.1:\(port)/",
        ]
        let process = try ChildProcess(ProxyMeasurement.pinned(command, toProxyCore: false), output: output)
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
}
