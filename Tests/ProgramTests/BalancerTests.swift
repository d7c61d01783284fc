import ELBTestSupport
import FoundationEssentials
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A balancer of one file` {
    /// Runs `elblab balancer` with a file of this text.
    private func run(_ text: String) async throws -> Program.Outcome {
        let file = FileManager.default.temporaryDirectory.path + "/elblab-test-\(UUID().uuidString).json"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        return try await Program.run("balancer", "--config", file)
    }

    private func configuration(port: UInt16) -> String {
        """
        {
          "Schema": "elblab/lb-config/v1", "Type": "application", "Name": "web", "Scheme": "internet-facing",
          "DNSName": "web-1.ap-northeast-2.elb.aws.test", "TimeScale": 50, "Seed": 1,
          "LoadBalancerAttributes": [],
          "Nodes": [{ "AvailabilityZone": "ap-northeast-2a", "Address": "127.50.1.62" }],
          "Listeners": [
            {
              "Port": \(port), "Protocol": "HTTP", "Rules": [],
              "DefaultActions": [{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }]
            }
          ],
          "TargetGroups": []
        }
        """
    }

    @Test func `says that its file is not there, and ends with 2`() async throws {
        let outcome = try await Program.run("balancer", "--config", "no-such-file.json")
        #expect(outcome.code == 2)
        #expect(outcome.error.contains("no-such-file.json"))
        #expect(outcome.error.split(separator: "\n").count == 1)
    }

    @Test func `points into a file that is wrong, and ends with 2`() async throws {
        let wrong = self.configuration(port: 8080).replacing("fixed-response\"", with: "forwards\"")
        let outcome = try await self.run(wrong)
        #expect(outcome.code == 2)
        #expect(outcome.error.contains(/\.json:\d+:\d+: error:/))
    }

    @Test func `says which port is taken, and ends with 4`() async throws {
        let holder = try #require(PortHolder())
        let outcome = try await self.run(self.configuration(port: holder.port))
        #expect(outcome.code == 4)
        #expect(outcome.error.contains("127.50.1.62:\(holder.port)"))
        #expect(outcome.error.split(separator: "\n").count == 1)
    }
}

/// Holds a port of the tests' node until it goes.
private final class PortHolder {
    private let descriptor: Int32
    let port: UInt16

    init?() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = inet_addr("127.50.1.62")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let held = withUnsafeMutableBytes(of: &place) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { place in
                bind(descriptor, place.baseAddress, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, place.baseAddress, &length) == 0
            }
        }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: place.sin_port)
        if !held { return nil }
    }

    deinit { close(self.descriptor) }
}
