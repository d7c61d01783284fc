import ELBTestSupport
import FoundationEssentials
import Testing

@Suite(.timeLimit(.minutes(1)), .serialized) struct `Logs of a running lab` {
    /// The template with a load balancer that delivers its access log.
    private static func folder() throws -> LabFolder {
        let folder = try LabFolder()
        try folder.write { text in
            text.replacing(
                "Properties: { Name: web, Subnets: [!Ref SubnetA, !Ref SubnetB] }",
                with: """
                    Properties:
                          Name: web
                          Subnets: [!Ref SubnetA, !Ref SubnetB]
                          LoadBalancerAttributes:
                            - { Key: access_logs.s3.enabled, Value: "true" }
                            - { Key: access_logs.s3.bucket, Value: !Ref Logs }
                      Logs:
                        Type: AWS::S3::Bucket
                        Properties: { BucketName: my-logs }
                    """
            )
        }
        return folder
    }

    private static func files(below folder: String) -> [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".log.gz") }.map { "\(folder)/\($0)" }
    }

    @Test(.covers("ALB-LOG-001", "ALB-LOG-003")) func `are in the bucket's folder when it ends`() async throws {
        let folder = try Self.folder()
        let state = FileManager.default.temporaryDirectory.path + "/elblab-state-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: state) }
        let outcome = try await RunningProgram.with(folder.arguments + ["--state", state]) { program in
            try await program.waits(for: "Ctrl-C stops")
            #expect(program.text.contains("access_logs  \(state)/s3/my-logs"))
            for _ in 0..<3 {
                _ = try await RawHTTP.send("/", to: "127.50.1.4", port: Int(folder.ports.listener))
            }
        }
        #expect(outcome.code == 0)
        let files = Self.files(below: "\(state)/s3/my-logs/AWSLogs/123456789012/elasticloadbalancing/ap-northeast-2")
        #expect(!files.isEmpty)
        let lines = try files.flatMap { file in
            let bytes = Array(try Data(contentsOf: URL(filePath: file)))
            return String(decoding: try #require(Gunzip.decompress(bytes)), as: UTF8.self).split(separator: "\n")
        }
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.contains(" app/web/") && $0.contains("\"GET http://") })
    }

    @Test func `need a folder, and one that can be written to`() async throws {
        let folder = try Self.folder()
        let without = try await Program.run(folder.arguments)
        #expect(without.code == 2)
        #expect(without.error.contains("name one with --state"))
        let unwritable = try await Program.run(folder.arguments + ["--state", "/dev/null/state"])
        #expect(unwritable.code == 4)
        #expect(unwritable.error.contains("cannot keep state in /dev/null/state"))
    }
}
