import ArgumentParser
import Glibc

/// `elblab aws-call`: what stands in front of `aws` while calls are noted or carried out again. Not for people.
struct AWSCallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aws-call",
        abstract: "Run one aws call and note it, or repeat one that was noted.",
        shouldDisplay: false
    )

    @Option(help: "The real aws.") var program: String
    @Option(help: "Note calls that change something at the end of this file.") var record: String?
    @Option(help: "The record that is carried out again.") var replay: String?
    @Option(help: "Keeps the names of this replay in files that begin so.") var map: String?
    @Argument(parsing: .postTerminator, help: "The call.") var arguments: [String] = []

    /// More output than that is passed on and not looked at.
    private static let largestOutput = 1 << 20

    func run() throws {
        var names = try self.knownNames()
        let arguments = self.arguments.map { word in
            names.pairs.reduce(word) { $0.replacing($1.old, with: $1.new) }
        }
        let (output, code) = try Self.call(self.program, arguments)
        if code == 0, let record, AWSCallRecord.changes(self.arguments) {
            let known = (try? InputFile.read(record)).map { String(decoding: $0, as: UTF8.self) }
            let head = known ?? "#!/usr/bin/env bash\n"
            try TextFile.write(head + AWSCallRecord.entry(self.arguments, output: output), to: record)
        }
        if let map, AWSCallRecord.changes(self.arguments) {
            names.learn(from: output)
            try TextFile.write(names.text, to: map)
        }
        if code != 0 { ExitStatus.end(code) }
    }

    /// What a replay has learned so far.
    private struct Names {
        /// By call, from the record.
        var recorded: [[String]]
        var calls = 0
        var pairs: [(old: String, new: String)] = []

        mutating func learn(from output: String) {
            if self.recorded.indices.contains(self.calls) {
                let new = AWSCallRecord.names(inOutput: output)
                for (old, new) in zip(self.recorded[self.calls], new) where old != new { self.pairs.append((old, new)) }
                // The longest first: one name may be the beginning of another.
                self.pairs.sort { $0.old.utf8.count > $1.old.utf8.count }
            }
            self.calls += 1
        }

        var text: String {
            "\(self.calls)\n" + self.pairs.map { "\($0.old) \($0.new)\n" }.joined()
        }
    }

    private func knownNames() throws -> Names {
        guard let replay, let map else { return Names(recorded: []) }
        let record = String(decoding: (try? InputFile.read(replay)) ?? [], as: UTF8.self)
        var names = Names(recorded: AWSCallRecord.names(in: record))
        let lines = ((try? InputFile.read(map)).map { String(decoding: $0, as: UTF8.self) } ?? "").split(
            separator: "\n"
        )
        names.calls = lines.first.flatMap { Int($0) } ?? 0
        for line in lines.dropFirst() {
            let pair = line.split(separator: " ")
            if pair.count == 2 { names.pairs.append((String(pair[0]), String(pair[1]))) }
        }
        return names
    }

    /// Runs the program; what it prints is passed on as it comes and given back when it has ended.
    private static func call(_ program: String, _ arguments: [String]) throws -> (output: String, code: Int32) {
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else { throw CommandFailure("no pipe: \(String(cString: strerror(errno)))") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, pipes[0])
        posix_spawn_file_actions_addclose(&actions, pipes[1])
        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in argv { free(pointer) } }
        var child: pid_t = 0
        let problem = posix_spawn(&child, program, &actions, nil, &argv, environ)
        close(pipes[1])
        defer { close(pipes[0]) }
        guard problem == 0 else {
            throw CommandFailure("cannot run '\(program)': \(String(cString: strerror(problem)))", status: .usage)
        }
        // Whoever reads the output may have seen enough, as head has; the call is made, and is noted.
        signal(SIGPIPE, SIG_IGN)
        var kept: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(pipes[0], &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            var written = 0
            while written < count {
                let more = buffer[written..<count].withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                guard more > 0 else { break }
                written += more
            }
            if kept.count < Self.largestOutput { kept += buffer[..<count] }
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        return (String(decoding: kept, as: UTF8.self), code)
    }
}
