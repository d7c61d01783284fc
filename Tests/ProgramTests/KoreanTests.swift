import FoundationEssentials
import Glibc
import Testing

/// What a learner gets wrong is told in the learner's language; what was said in English and is not known by heart stays as it was said.
@Suite(.timeLimit(.minutes(3))) struct `In Korean` {
    private static func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/elblab-korean-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test(arguments: [
        (["check", "99"], 2 as Int32, "없는 레슨입니다: '99'"),
        (["check", "04", "--exercise", "z-none"], 2, "없는 연습 문제입니다: 'z-none'"),
        (["explain", "no.such", "--lesson", "04"], 2, "없는 확인 항목입니다: 'no.such'"),
        (["check"], 2, "진행 중인 레슨이 없습니다"),
    ])
    func `a name that nothing has is told, with the names that there are`(
        words: [String],
        code: Int32,
        text: String
    ) async throws {
        try await Self.inFolder { folder in
            let outcome = try await Program.run(["lesson"] + words + ["--workspace", folder, "--lang", "ko"])
            #expect(outcome.code == code)
            #expect(outcome.error.contains(text), "\(outcome.error)")
        }
    }

    @Test(arguments: [
        ("Resources: [", ":2:1: YAML이나 JSON 문법에 맞지 않습니다. 영어 원문: "),
        (
            "Resources:\n  A:\n    Type: AWS::EC2::Subnett\n",
            ":3:11: 알 수 없는 리소스 유형: 'AWS::EC2::Subnett' (혹시 'AWS::EC2::Subnet'인가요?)"
        ),
        (
            "Resources:\n  A:\n    Type: AWS::EC2::Subnet\n    Properties: { VpcId: v, CidrBlok: 10.0.0.0/24 }\n",
            ":4:29: AWS::EC2::Subnet에 없는 속성: 'CidrBlok'"
        ),
        (
            """
            Resources:
              L:
                Type: AWS::ElasticLoadBalancingV2::Listener
                Properties: { LoadBalancerArn: !Ref Web, Port: many, Protocol: HTTP }

            """,
            ":4:36: 없는 리소스 또는 파라미터: 'Web'"
        ),
        ("", "파일이 비어 있습니다"),
    ])
    func `a template that cannot be read is told by file, line and column`(answer: String, text: String) async throws {
        try await Self.inFolder { folder in
            let file = folder + "/answer.yaml"
            try answer.write(toFile: file, atomically: false, encoding: .utf8)
            let command = ["grade", file, "--lesson", "04", "--exercise", "a-config"]
            let outcome = try await Program.run(command + ["--lang", "ko"])
            #expect(outcome.code == 3)
            #expect(outcome.output.contains("답안을 채점할 수 없습니다"))
            #expect(outcome.output.contains(text), "\(outcome.output)")
            // Data for programs stays as it is.
            let data = try await Program.run(command + ["--lang", "ko", "--json"])
            #expect(data.output.contains(": error: ") && !data.output.contains("문법"), "\(data.output)")
        }
    }

    @Test func `a program's mistakes are told, and its own words are left as they are`() async throws {
        try await Self.inFolder { folder in
            let subject = folder + "/subject.yaml"
            let command = ["grade", subject, "--lesson", "04", "--exercise", "b-code", "--lang", "ko"]
            try "Name: mine\n".write(toFile: subject, atomically: false, encoding: .utf8)
            let incomplete = try await Program.run(command)
            #expect(incomplete.code == 3)
            #expect(incomplete.output.contains("Command가 없습니다"), "\(incomplete.output)")
            let build = "Command: [./balancer]\nBuild: [sh, -c, 'echo balancer.c:1: no such word; exit 1']\n"
            try build.write(toFile: subject, atomically: false, encoding: .utf8)
            let unbuilt = try await Program.run(command)
            #expect(unbuilt.code == 3)
            #expect(unbuilt.output.contains("빌드하지 못했습니다"), "\(unbuilt.output)")
            #expect(unbuilt.output.contains("balancer.c:1: no such word"))
            #expect(unbuilt.output.contains("영어로 된 줄은 원문 그대로입니다"))
        }
    }
}
