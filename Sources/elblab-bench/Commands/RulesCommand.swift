import ArgumentParser
import ELBCore
import ELBModel
import ELBWire

/// What matching costs, by the number of rules that do not match.
struct RulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Measure one rule match at 1, 10, 100 and 1,000 rules."
    )

    @Option(help: "Matches per measurement.")
    var iterations = 200_000

    func run() throws {
        let text = "GET /index.html?x=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
        let bytes = Array(text.utf8)
        var parser = RequestHeadParser()
        var head = RequestHead()
        guard parser.parse(bytes.span, into: &head) == .complete else {
            throw ValidationError("the head is not complete")
        }
        print("rules   ns/match")
        for count in [1, 10, 100, 1000] {
            let (loadBalancer, group) = try BenchTopology.make(port: 80, backend: 8080, rules: count)
            let snapshot = try Snapshot(compiling: loadBalancer, targetGroups: [group])
            let listener = snapshot.listeners[0]
            let peer = IPAddress.v4(IPv4Address(127, 0, 0, 1))
            var sum = 0
            let time = ContinuousClock().measure {
                for _ in 0..<self.iterations { sum += listener.match(head, bytes: bytes.span, peer: peer).priority }
            }
            guard sum == 0 else { throw ValidationError("a rule matched that should not") }
            let nanoseconds = time / .nanoseconds(self.iterations)
            let name = String(count) + String(repeating: " ", count: 8 - String(count).count)
            print("\(name)\(Int(nanoseconds.rounded()))")
        }
    }
}
