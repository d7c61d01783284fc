import ELBTestSupport
import FoundationEssentials
import Glibc
import Subprocess
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The fleet's commands` {
    @Test func `break and heal backends, and Ctrl-C leaves neither process nor port`() async throws {
        let processes = Collected<Int32>()
        let code = try await RunningFleet.run("--count", "3", "--az", "a,b") { fleet, address in
            processes.add(fleet.banner.matches(of: /pid=(\d+)/).compactMap { Int32($0.output.1) })
            for (verb, arguments, said) in [
                ("slow", ["web-a1", "--by", "5", "--times", "1"], "web-a1: slow 5 ms (once)\n"),
                ("hang", ["--az", "b"], "web-b1: hang\n"),
                // Several by name: each is a process of its own and knows nothing of the others.
                ("refuse", ["web-a1", "web-a2"], "web-a1, web-a2: refusing\n"),
                ("heal", ["web-a1", "web-a2"], "web-a1, web-a2: healed\n"),
                ("cut", ["web-a2"], "web-a2: cut\n"),
                ("refuse", ["web-a1"], "web-a1: refusing\n"),
                ("heal", [], "web-a1, web-b1, web-a2: healed\n"),
                ("kill", ["web-b1"], "web-b1: killed\n"),
            ] {
                let outcome = try await Program.run(
                    ["fleet", verb] + arguments,
                    environment: ["ELBLAB_ENDPOINT": fleet.endpoint]
                )
                #expect((outcome.code, outcome.output, outcome.error) == (0, said, ""))
            }
            let status = try await fleet.tell("status", "--plain")
            #expect(status.output.contains(/web-b1 .* state=dead .*killed by signal 9/))
            let load = try await Program.run("load", "http://\(address):8080/x", "--requests", "2", "--quiet")
            #expect(load.code == 0)
            let log = try await fleet.tell("log", "web-a1", "--containing", "load-1-2", "--raw")
            #expect(log.output.contains("GET /x HTTP/1.1 body 0 -> 200 answered\n    GET /x HTTP/1.1\n"))
            // Broken again, so that it is ended in that state.
            _ = try await fleet.tell("cut", "web-a1")
        }
        #expect(code == 0)
        let seen = processes.all
        #expect(seen.count == 3 && !seen.contains { kill($0, 0) == 0 })
    }

    @Test func `say what is wrong in one line, and end wrong usage with 2`() async throws {
        let code = try await RunningFleet.run("--count", "2") { fleet, address in
            for (arguments, code, said) in [
                (["fail", "web-z9"], 2, "no backend 'web-z9'; there are web-a1, web-b1"),
                (
                    ["status", "--az", "c"], 2,
                    "none of these backends is in zone c; there are web-a1 in a, web-b1 in b"
                ),
                (["cut"], 2, "nothing chosen to cut; name backends, or a zone with --az"),
                (["kill"], 2, "nothing chosen to kill; name backends, or a zone with --az"),
                (["fail", "--status", "199"], 2, "a status is 200 to 599, or 0 to 99 for gRPC, not 199"),
                (["slow", "--by", "-5"], 2, "not -5"),
                (["hang", "--times", "0"], 2, "a fault meets 1 to 1000000000 requests, not 0"),
                (["probes", "--answer", "200,foo"], 2, "'foo' is not an answer to a probe"),
                (["resize", "--to", "t9.huge"], 2, "no size 't9.huge'; there are t3.nano, "),
                (["log", "--limit", "0"], 2, "--limit is 1 or more, not 0"),
                (["status", "--endpoint", "nowhere"], 2, "'nowhere' is not an endpoint"),
                (["status", "--endpoint", "\(address):8080"], 4, "is not a lab (status 200)"),
                (["status", "--endpoint", "\(address):1"], 4, "no lab answers at \(address):1; start one with"),
                (["up", "--count", "0"], 2, "--count is 1 to 200, not 0"),
                (["up", "--base-address", "10.9.8.7"], 2, "10.9.8.7 is not a loopback address"),
                (["up", "--protocol", "spdy"], 2, "no protocol 'spdy'"),
                (["up", "--base-address", address], 4, "Address already in use; another program has the port"),
            ] as [([String], Int32, String)] {
                let outcome = try await Program.run(
                    ["fleet"] + arguments,
                    environment: ["ELBLAB_ENDPOINT": fleet.endpoint]
                )
                #expect(outcome.code == code, "\(arguments)")
                #expect(outcome.output.isEmpty, "\(arguments)")
                #expect(outcome.error.hasPrefix("elblab: ") && outcome.error.contains(said), "\(outcome.error)")
                #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
            }
        }
        #expect(code == 0)
    }

    @Test func `have help with an example, every one`() async throws {
        let help = try await Program.run("fleet", "--help").output
        let verbs = help.matches(of: /\n  ([a-z]+) +[A-Z]/).map { String($0.output.1) }
        #expect(verbs.count == 15)
        for verb in verbs {
            let outcome = try await Program.run("fleet", verb, "--help")
            #expect(outcome.output.contains("Example: elblab fleet \(verb)"), "\(verb)")
        }
    }

    @Test func `go to a backend through a pipe, and it ends with its input`() async throws {
        let commands = """
            {"launch":{"backends":[{"name":"a","ports":[0]}]}}
            {"status":{}}

            """
        let result = try await Subprocess.run(
            .path(Program.filePath(Program.path)),
            arguments: ["backend"],
            input: .string(commands),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        #expect(Program.code(result.terminationStatus) == 0)
        #expect(result.standardError == "")
        let lines = result.standardOutput.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.contains(#""name":"a""#) && $0.contains(#""state":"running""#) })
    }
}
