import ELBFleet
import ELBTestSupport
import FoundationEssentials
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite(.timeLimit(.minutes(1))) struct `A fleet of child processes` {
    /// The program stands beside the bundle of the tests.
    private static let program: String = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return bundle.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" } + "/elblab"
    }()

    private func withFleet(_ body: (Fleet) async throws -> Void) async throws {
        let fleet = Fleet(.children(executable: Self.program, arguments: ["backend"]))
        do {
            try await body(fleet)
        } catch {
            await fleet.shutDown()
            throw error
        }
        await fleet.shutDown()
    }

    private func isAlive(_ process: Int32) -> Bool {
        kill(process, 0) == 0
    }

    /// A signal is sent at once and obeyed a little later.
    private func waitUntilStopped(_ process: Int32) async throws {
        while try !String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8).contains(") T ") {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func `serves from processes of their own and leaves none behind`() async throws {
        var processes: [Int32] = []
        try await self.withFleet { fleet in
            let statuses = try await fleet.launch([BackendDescription(name: "A"), BackendDescription(name: "B")])
            processes = statuses.compactMap(\.processID)
            #expect(Set(processes).count == 2)
            for status in statuses {
                let client = try await RawClient.connect(Int(try #require(status.ports.first)))
                try await client.send("GET /x HTTP/1.1\r\nhOst: h\r\n\r\n")
                _ = try await client.received(endingWith: "\(status.name) zone a\n")
            }
            guard case .log(let logs) = await fleet.perform(.log(.all, LogQuery())) else {
                Issue.record("no log")
                return
            }
            #expect(logs.flatMap(\.page.records).map(\.rawHead.text).allSatisfy { $0.contains("hOst: h\r\n") })
            #expect(logs.map(\.page.records.count) == [1, 1])
        }
        #expect(!processes.contains(where: self.isAlive))
    }

    @Test func `leaves none behind when the task that ends it was cancelled`() async throws {
        let fleet = Fleet(.children(executable: Self.program, arguments: ["backend"]))
        let processes = try await fleet.launch([BackendDescription(name: "A"), BackendDescription(name: "B")])
            .compactMap(\.processID)
        let task = Task {
            // Cancelled before it begins, as by Ctrl-C.
            withUnsafeCurrentTask { $0?.cancel() }
            await fleet.shutDown()
        }
        await task.value
        #expect(processes.count == 2 && !processes.contains(where: self.isAlive))
    }

    @Test func `tells of a child that stands still, and hears it again when it goes on`() async throws {
        try await self.withFleet { fleet in
            let process = try #require(try await fleet.launch([BackendDescription(name: "A")]).first?.processID)
            kill(process, SIGSTOP)
            try await self.waitUntilStopped(process)
            guard case .status(let still) = await fleet.perform(.status(.all)) else { return }
            #expect(still.first?.faults == ["does not answer its fleet"])
            kill(process, SIGCONT)
            // The late reply to the first question must not be taken for the reply to this one.
            #expect(await fleet.perform(.log(.all, LogQuery())) != .log([]))
            guard case .status(let moving) = await fleet.perform(.status(.all)) else { return }
            #expect(moving.first?.faults == [])
        }
    }

    @Test func `can be killed and taken down by several at once`() async throws {
        try await self.withFleet { fleet in
            try await fleet.launch([BackendDescription(name: "A")])
            async let first = fleet.perform(.kill(.all))
            async let second = fleet.perform(.kill(.all))
            async let third = fleet.perform(.down(.all))
            _ = await (first, second, third)
            #expect(await fleet.perform(.status(.all)) == .status([]))
        }
    }

    @Test func `notices a killed child, shows how it ended, and heals it on its port`() async throws {
        try await self.withFleet { fleet in
            let status = try #require(try await fleet.launch([BackendDescription(name: "A")]).first)
            let port = Int(try #require(status.ports.first))
            // Killed from outside, behind the fleet's back; then asked until the kernel has told.
            kill(try #require(status.processID), SIGKILL)
            var seen: BackendStatus?
            repeat {
                guard case .status(let statuses) = await fleet.perform(.status(.all)) else { break }
                seen = statuses.first
            } while seen?.state != .dead
            #expect(seen?.ending?.contains("signal 9") == true)
            #expect(seen?.processID == nil)
            guard case .refused(let refusal) = await fleet.perform(.fault(.all, FaultRule(.hang))) else {
                Issue.record("a dead child took a command")
                return
            }
            #expect(refusal.code == .notRunning)
            #expect(await fleet.perform(.heal(.all)) == .done(["A"]))
            let client = try await RawClient.connect(port)
            try await client.send("GET / HTTP/1.1\r\n\r\n")
            _ = try await client.received(endingWith: "A zone a\n")
        }
    }

    @Test func `tells why a child cannot start`() async throws {
        try await self.withFleet { fleet in
            let status = try #require(try await fleet.launch([BackendDescription(name: "A")]).first)
            let error = await #expect(throws: BackendError.self) {
                try await fleet.launch([BackendDescription(name: "B", ports: status.ports)])
            }
            #expect(error?.code == .cannotListen)
        }
        let nowhere = Fleet(.children(executable: "/nowhere/elblab", arguments: []))
        await #expect(throws: BackendError.self) { try await nowhere.launch([BackendDescription(name: "A")]) }
    }
}
