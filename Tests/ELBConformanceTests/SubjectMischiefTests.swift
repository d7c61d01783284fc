import ELBConformance
import ELBModel
import ELBTestSupport
import FoundationEssentials
import Glibc
import Testing

/// Subjects that do what no balancer should. Whatever they do, the run ends with a report and nothing of them stays.
@Suite(.timeLimit(.minutes(2))) struct `Subjects that misbehave` {
    private let threads = ThreadPool(threads: 2)

    private func configuration() throws -> (SubjectConfiguration, Endpoint) {
        let address = LabAddresses.publicAddress(.a, host: .random(in: 4...254))
        let port = try #require(FreePorts.find(on: [address]))
        let configuration = SubjectConfiguration(
            loadBalancer: LoadBalancer(
                name: LoadBalancerName(rawValue: "web"),
                nodes: [.init(zone: .a, address: address)],
                listeners: [Listener(port: port, defaultActions: [.answer(404)])],
                dnsName: "web-1.ap-northeast-2.elb.aws.test"
            ),
            targetGroups: []
        )
        return (configuration, Endpoint(address: address, port: port))
    }

    private func shell(_ script: String) -> SubjectCommand {
        SubjectCommand(name: "script", executable: "/bin/sh", arguments: ["-c", script, "sh"])
    }

    /// Python that has read its configuration and listens on the first listener as `server`.
    private func listening(_ script: String) -> SubjectCommand {
        let head = """
            import json, os, signal, socket, sys, time
            config = json.load(open(sys.argv[-1]))
            server = socket.create_server((config["Nodes"][0]["Address"], config["Listeners"][0]["Port"]))

            """
        return SubjectCommand(name: "script", executable: "python3", arguments: ["-c", head + script])
    }

    private func numbers(in file: String) throws -> [pid_t] {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").compactMap { pid_t($0) }
    }

    /// Whether the process has ended; what nobody has waited for yet has.
    private func isGone(_ process: pid_t) async throws -> Bool {
        for _ in 0..<1000 {
            let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            let state = status.lastIndex(of: ")").flatMap { status[$0...].dropFirst(2).first }
            if state == nil || state == "Z" || state == "X" { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test func `children are ended with it, also those in sessions of their own`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "elblab-test-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let script = """
            sleep 600 & echo $! >>\(file)
            setsid sleep 601 & echo $! >>\(file)
            exec sleep 602
            """
        let (configuration, _) = try self.configuration()
        await #expect(throws: SubjectFailure.self) {
            try await Subject.withRunning(
                self.shell(script),
                configuration: configuration,
                threads: self.threads,
                readinessLimit: .seconds(1)
            ) { _ in }
        }
        let children = try self.numbers(in: file)
        #expect(children.count == 2)
        for child in children { #expect(try await self.isGone(child)) }
    }

    @Test func `of endless output only the end is kept`() async throws {
        let (configuration, _) = try self.configuration()
        do {
            try await Subject.withRunning(
                self.shell("while :; do echo 0123456789012345678901234567890123456789; done"),
                configuration: configuration,
                threads: self.threads,
                readinessLimit: .seconds(1)
            ) { _ in }
            Issue.record("it cannot have started")
        } catch let SubjectFailure.neverListened(_, output) {
            #expect(output.utf8.count < 70_000 && !output.isEmpty)
        }
    }

    @Test func `one that answers garbage fails its check`() async throws {
        let subject = self.listening(
            """
            while True:
                connection, _ = server.accept()
                connection.sendall(os.urandom(3000))
                connection.close()
            """
        )
        let checks = CheckLibrary.checks(matching: ["actions.fixed-response.body"])
        let report = await Runner(subject: subject, seed: 1).run(checks)
        #expect(report.checks.map(\.verdict) == [.fail])
        #expect(report.verdict == .fail)
    }

    @Test func `one that will not stop is killed, and its port is free again`() async throws {
        let (configuration, endpoint) = try self.configuration()
        let subject = self.listening(
            """
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if os.fork() == 0: os.setsid()
            while True: time.sleep(1)
            """
        )
        try await Subject.withRunning(subject, configuration: configuration, threads: self.threads) { _ in }
        // Killing takes a moment.
        for _ in 0..<1000 where !FreePorts.isFree(endpoint) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(FreePorts.isFree(endpoint))
    }

    @Test func `one that dies in the middle fails its check`() async throws {
        let subject = self.listening(
            """
            for _ in range(2): connection, _ = server.accept()
            os._exit(3)
            """
        )
        let checks = CheckLibrary.checks(matching: ["actions.fixed-response.body"])
        let report = await Runner(subject: subject, seed: 1).run(checks)
        #expect(report.checks.map(\.verdict) == [.fail])
    }
}
