import ELBConformance
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Subjects` {
    private let threads = ThreadPool(threads: 2)

    private func configuration() throws -> SubjectConfiguration {
        let address = LabAddresses.publicAddress(.a, host: .random(in: 4...254))
        let port = try #require(FreePorts.find(on: [address]))
        return SubjectConfiguration(
            loadBalancer: LoadBalancer(
                name: LoadBalancerName(rawValue: "web"),
                nodes: [.init(zone: .a, address: address)],
                listeners: [Listener(port: port, defaultActions: [.answer(404)])],
                dnsName: "web-1.ap-northeast-2.elb.aws.test"
            ),
            targetGroups: []
        )
    }

    /// A shell script as a subject; `$2` is the configuration file.
    private func shell(_ script: String) -> SubjectCommand {
        SubjectCommand(name: "script", executable: "/bin/sh", arguments: ["-c", script, "sh"])
    }

    private func start(_ command: SubjectCommand, limit: Duration = .seconds(10)) async throws -> Bool {
        try await Subject.withRunning(
            command,
            configuration: try self.configuration(),
            threads: self.threads,
            readinessLimit: limit
        ) { _ in true }
    }

    @Test func `one that ends by itself is reported with its last words`() async throws {
        do {
            _ = try await self.start(self.shell("echo no such option >&2; exit 3"))
            Issue.record("it cannot have started")
        } catch let failure as SubjectFailure {
            guard case .exited(let status, let output) = failure else {
                Issue.record("not \(failure)")
                return
            }
            #expect(status.contains("3"))
            #expect(output == "no such option\n")
        }
    }

    @Test func `one that never listens is stopped when the limit is reached`() async throws {
        do {
            _ = try await self.start(self.shell("exec sleep 60"), limit: .milliseconds(200))
            Issue.record("it cannot have started")
        } catch let failure as SubjectFailure {
            guard case .neverListened = failure else {
                Issue.record("not \(failure)")
                return
            }
        }
    }

    @Test func `one that does not exist says so`() async throws {
        do {
            _ = try await self.start(SubjectCommand(name: "none", executable: "/nowhere/balancer"))
            Issue.record("it cannot have started")
        } catch let failure as SubjectFailure {
            guard case .notStarted = failure else {
                Issue.record("not \(failure)")
                return
            }
        }
    }

    @Test func `a run against a subject that cannot start is not gradable`() async {
        let subject = SubjectCommand(name: "none", executable: "/nowhere/balancer")
        let checks = CheckLibrary.checks(matching: ["routing.path.case-sensitive"])
        let report = await Runner(subject: subject, seed: 1).run(checks)
        #expect(report.verdict == .notGradable)
        #expect(report.checks.count == 1)
    }

    @Test func `features that a subject does not claim are unsupported`() async {
        let subject = SubjectCommand(
            name: "none",
            executable: "/nowhere/balancer",
            claims: SubjectClaims(["alb"], except: [.init("alb.rules", "It has one target.")])
        )
        let report = await Runner(subject: subject, seed: 1).run(CheckLibrary.checks(matching: ["routing.path.*"]))
        #expect(Set(report.checks.map(\.verdict)) == [.unsupported])
        #expect(report.checks.allSatisfy { $0.reason == "the subject leaves out alb.rules: It has one target." })
        // Nothing failed, and nothing was shown either.
        #expect(report.verdict == .notGradable)
        #expect(report.parts.allSatisfy { $0.result == .notJudged })
    }

    @Test func `of several claims about a feature the most precise one counts`() {
        let claims = SubjectClaims(
            ["alb.rules", "alb.health.probes"],
            except: [.init("alb.rules.source-ip"), .init("alb.health")]
        )
        #expect(claims.include("alb.rules.path-pattern") && claims.include("alb.health.probes"))
        for feature in ["alb.rules.source-ip", "alb.health.thresholds", "alb.rulesets", "nlb.flows"] {
            #expect(!claims.include(feature))
        }
    }

    @Test func `a check that needs two features is unsupported without either`() async {
        let checks = CheckLibrary.checks(matching: ["routing.rules.near-misses"])
        let subject = SubjectCommand(
            name: "none",
            executable: "/nowhere/balancer",
            claims: SubjectClaims(["alb"], except: [.init("alb.rules.query-string")])
        )
        let report = await Runner(subject: subject, seed: 1).run(checks)
        #expect(report.checks.map(\.verdict) == [.unsupported])
    }
}
