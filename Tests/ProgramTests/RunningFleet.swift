import Glibc
import Subprocess
import Synchronization

/// `elblab fleet up`, running while a test commands it.
struct RunningFleet: Sendable {
    /// Where its commands go.
    let endpoint: String
    /// What it printed when it was ready.
    let banner: String

    /// One verb of `elblab fleet`, told to this fleet.
    func tell(_ verb: String, _ arguments: String...) async throws -> Program.Outcome {
        try await Program.run(["fleet", verb] + arguments, environment: ["ELBLAB_ENDPOINT": self.endpoint])
    }

    /// Starts a fleet on an address of its own, from port 8080 on, and ends it with Ctrl-C.
    /// - Returns: the exit code.
    static func run(
        _ arguments: String...,
        body: @Sendable (RunningFleet, _ address: String) async throws -> Void
    ) async throws -> Int32 {
        let address = LoopbackPlace.next()
        let endpoint = "\(address):4566"
        let all = ["fleet", "up", "--plain", "--base-address", address, "--endpoint", endpoint] + arguments
        let result = try await Subprocess.run(
            .path(Program.filePath(Program.path)),
            arguments: Arguments(all),
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            var output = execution.standardOutput.makeAsyncIterator()
            var banner = ""
            while !banner.contains("Ctrl-C ends the fleet"), let bytes = try await output.next() {
                banner += bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(RunningFleet(endpoint: endpoint, banner: banner), address))
            } catch {
                outcome = .failure(error)
            }
            try execution.send(signal: .interrupt)
            while try await output.next() != nil {}
            try outcome.get()
        }
        return Program.code(result.terminationStatus)
    }
}

/// Addresses that nothing else of this machine uses: a process of tests has 127.x.y.*, x and y by its number.
enum LoopbackPlace {
    private static let count = Atomic<Int32>(0)

    static func next() -> String {
        let process = getpid()
        let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
        return "127.\(128 + process / 256 % 64).\(process % 256).\(number)"
    }
}
