import ELBModel
import ELBTestSupport
import FoundationEssentials
import Glibc
import Synchronization
import Testing

/// A lab without a template whose account is kept in a folder.
final class StateLab: Sendable {
    let folder = FileManager.default.temporaryDirectory.path + "/elblab-state-\(UUID().uuidString)"
    let endpoint = LabFolder.freePort()
    let listener = LabFolder.freePort()

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    var arguments: [String] {
        ["up", "--state", self.folder, "--endpoint", "127.0.0.1:\(self.endpoint)", "--time-scale", "50"]
    }

    func call(_ form: String, version: String = "2015-12-01") async throws -> RawHTTP.Answer {
        try await RawHTTP.send(
            "POST /",
            port: Int(self.endpoint),
            headers: ["Content-Type: application/x-www-form-urlencoded"],
            body: "\(form)&Version=\(version)"
        )
    }

    /// A call that must succeed, and the texts of one element of its answer.
    @discardableResult
    func texts(_ element: String, of form: String, version: String = "2015-12-01") async throws -> [String] {
        let answer = try await self.call(form, version: version)
        guard answer.status == 200 else { throw RawHTTP.Failure(description: "\(form): \(answer.body)") }
        return Self.texts(element, in: answer.body)
    }

    /// The texts of one element from all pages of an answer.
    func all(_ element: String, of form: String) async throws -> [String] {
        var (found, marker): ([String], String?) = ([], nil)
        repeat {
            let answer = try await self.call("\(form)&PageSize=400" + (marker.map { "&Marker=\($0)" } ?? ""))
            guard answer.status == 200 else { throw RawHTTP.Failure(description: answer.body) }
            found += Self.texts(element, in: answer.body)
            marker = Self.texts("NextMarker", in: answer.body).first
        } while marker != nil
        return found
    }

    static func texts(_ element: String, in body: String) -> [String] {
        body.split(separator: "<\(element)>").dropFirst().map { part in String(part.prefix { $0 != "<" }) }
    }

    /// A load balancer with a listener whose rule /up leads to an instance; all of it over the API.
    func build() async throws -> (loadBalancer: String, listener: String) {
        let subnets = try await self.texts("subnetId", of: "Action=DescribeSubnets", version: "2016-11-15")
        let vpc = try await self.texts("vpcId", of: "Action=DescribeVpcs", version: "2016-11-15")[0]
        let balancer = try await self.texts(
            "LoadBalancerArn",
            of: "Action=CreateLoadBalancer&Name=web&Subnets.member.1=\(subnets[0])&Subnets.member.2=\(subnets[1])"
        )[0]
        let listener = try await self.texts(
            "ListenerArn",
            of: "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=HTTP&Port=\(self.listener)"
                + "&DefaultActions.member.1.Type=fixed-response"
                + "&DefaultActions.member.1.FixedResponseConfig.StatusCode=404"
        )[0]
        let group = try await self.group("up", vpc)
        let instance = try await self.texts(
            "instanceId",
            of: "Action=RunInstances&ImageId=ami-12345678&MinCount=1&MaxCount=1",
            version: "2016-11-15"
        )[0]
        try await self.texts(
            "",
            of: "Action=RegisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id=\(instance)"
        )
        try await self.texts(
            "RuleArn",
            of: "Action=CreateRule&ListenerArn=\(listener)&Priority=1&Conditions.member.1.Field=path-pattern"
                + "&Conditions.member.1.Values.member.1=/up&Actions.member.1.Type=forward"
                + "&Actions.member.1.TargetGroupArn=\(group)"
        )
        return (balancer, listener)
    }

    func group(_ name: String, _ vpc: String) async throws -> String {
        try await self.texts(
            "TargetGroupArn",
            of: "Action=CreateTargetGroup&Name=\(name)&Protocol=HTTP&Port=8080&VpcId=\(vpc)"
                + "&HealthCheckIntervalSeconds=5&HealthCheckTimeoutSeconds=2"
        )[0]
    }

    /// What the API shows of everything, without the requests' own ids.
    func everything(_ listener: String) async throws -> [String] {
        var answers: [String] = []
        for (form, version) in [
            ("Action=DescribeLoadBalancers", "2015-12-01"), ("Action=DescribeTargetGroups", "2015-12-01"),
            ("Action=DescribeRules&ListenerArn=\(listener)", "2015-12-01"),
            ("Action=DescribeInstances", "2016-11-15"),
        ] {
            let answer = try await self.call(form, version: version)
            answers.append(answer.body.replacing(/<[rR]equestId>[^<]*/, with: ""))
        }
        return answers
    }

    func isServing(_ program: RunningProgram) async throws {
        try await RunningProgram.waits("the instance behind /up; it said '\(program.text)'") {
            let answer = try? await RawHTTP.send("/up", to: "127.50.1.4", port: Int(self.listener))
            return answer?.status == 200
        }
    }
}

@Suite(.timeLimit(.minutes(30)), .serialized) struct `The state of a lab` {
    private static let ready = "fill it with aws"

    @Test func `outlives a kill: the same names and addresses, and traffic flows`() async throws {
        let lab = StateLab()
        let before = Mutex((listener: "", answers: [String]()))
        _ = try await RunningProgram.with(lab.arguments) { program in
            try await program.waits(for: Self.ready)
            let built = try await lab.build()
            try await lab.isServing(program)
            let answers = try await lab.everything(built.listener)
            before.withLock { $0 = (built.listener, answers) }
            program.signal(SIGKILL)
        }
        _ = try await RunningProgram.with(lab.arguments) { program in
            try await program.waits(for: Self.ready)
            let known = before.withLock { $0 }
            #expect(try await lab.everything(known.listener) == known.answers)
            try await lab.isServing(program)
            // And forgetting lasts, too.
            #expect(try await RawHTTP.send("POST /_lab/reset", port: Int(lab.endpoint)).status == 200)
            program.signal(SIGKILL)
        }
        _ = try await RunningProgram.with(lab.arguments) { program in
            try await program.waits(for: Self.ready)
            #expect(try await lab.texts("LoadBalancerArn", of: "Action=DescribeLoadBalancers").isEmpty)
        }
    }

    @Test func `belongs to one lab at a time`() async throws {
        let lab = StateLab()
        _ = try await RunningProgram.with(lab.arguments) { program in
            try await program.waits(for: Self.ready)
            let other = LabFolder.freePort()
            let second = try await Program.run("up", "--state", lab.folder, "--endpoint", "127.0.0.1:\(other)")
            #expect(second.code == 4)
            #expect(second.error.contains("another lab uses this state"))
        }
    }

    @Test func `that is damaged is named and kept`() async throws {
        let lab = StateLab()
        _ = try await RunningProgram.with(lab.arguments) { program in
            try await program.waits(for: Self.ready)
            _ = try await lab.build()
        }
        let path = "\(lab.folder)/account/journal-1"
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        bytes[100] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
        let refused = try await Program.run(lab.arguments)
        #expect(refused.code == 4)
        #expect(refused.error.contains("\(path), line 1"))
        let kept = "\(lab.folder)/account.damaged-1"
        #expect(refused.error.contains(kept))
        _ = try await RunningProgram.with(lab.arguments) { program in
            try await program.waits(for: Self.ready)
            #expect(try await lab.texts("LoadBalancerArn", of: "Action=DescribeLoadBalancers").isEmpty)
        }
        #expect(Array(try Data(contentsOf: URL(filePath: "\(kept)/journal-1"))) == bytes)
    }

    /// Kills at random moments while calls run. Whatever was answered with 200 must be there after the restart, and nothing that was
    /// neither answered nor under way. `ELBLAB_KILLS` is how often, `ELBLAB_SEED` plays the same moments again.
    @Test func `has everything that was acknowledged, whenever it was killed`() async throws {
        let environment = ProcessInfo.processInfo.environment
        let kills = environment["ELBLAB_KILLS"].flatMap(Int.init) ?? 4
        let seed = environment["ELBLAB_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        print("ELBLAB_SEED=\(seed) ELBLAB_KILLS=\(kills)")
        let lab = StateLab()
        let journal = Acknowledged()
        let place = Mutex((vpc: "", listener: ""))
        _ = try await RunningProgram.with(lab.arguments) { program in
            try await program.waits(for: Self.ready)
            let listener = try await lab.build().listener
            let vpc = try await lab.texts("vpcId", of: "Action=DescribeVpcs", version: "2016-11-15")[0]
            place.withLock { $0 = (vpc, listener) }
        }
        let (vpc, listener) = place.withLock { $0 }
        var generator = Generator(state: seed)
        for round in 0..<kills {
            let moment = Duration.milliseconds(Int.random(in: 20...1500, using: &generator))
            _ = try await RunningProgram.with(lab.arguments) { program in
                await withTaskGroup(of: Void.self) { group in
                    for client in 0..<3 {
                        group.addTask { await journal.work(lab, vpc, listener, "\(round)-\(client)") }
                    }
                    try? await Task.sleep(for: moment)
                    program.signal(SIGKILL)
                    await group.waitForAll()
                }
            }
            _ = try await RunningProgram.with(lab.arguments) { program in
                try await program.waits(for: Self.ready)
                let groups = try await lab.all("TargetGroupArn", of: "Action=DescribeTargetGroups")
                let rules = try await lab.all("RuleArn", of: "Action=DescribeRules&ListenerArn=\(listener)")
                journal.compare(Set(groups + rules), "seed \(seed), kill \(round + 1) after \(moment)")
                try await lab.isServing(program)
            }
        }
        #expect(journal.count > 0)
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = (self.state ^ self.state >> 30) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
            return mixed ^ mixed >> 31
        }
    }
}

/// What clients of a lab have been answered, and what they were in the middle of when it was killed.
private final class Acknowledged: Sendable {
    private struct State {
        var present: Set<String> = []
        /// Deletions without an answer: what they were about may be there or not.
        var uncertain: Set<String> = []
        /// Creations without an answer: so many things more may be there.
        var begun = 0
        var count = 0
    }

    private let state = Mutex(State())

    /// Calls that were answered.
    var count: Int { self.state.withLock { $0.count } }

    /// Makes target groups and rules and deletes every third, until nobody answers any more.
    func work(_ lab: StateLab, _ vpc: String, _ listener: String, _ name: String) async {
        var number = 0
        var isUp = false
        while !Task.isCancelled {
            number += 1
            let isRule = number.isMultiple(of: 2)
            let form =
                isRule
                ? "Action=CreateRule&ListenerArn=\(listener)&Priority=\(Int.random(in: 10...50_000))"
                    + "&Conditions.member.1.Field=path-pattern&Conditions.member.1.Values.member.1=/\(name)"
                    + "&Actions.member.1.Type=fixed-response&Actions.member.1.FixedResponseConfig.StatusCode=410"
                : "Action=CreateTargetGroup&Name=g\(name)-\(number)&Protocol=HTTP&Port=80&VpcId=\(vpc)"
            self.state.withLock { $0.begun += 1 }
            guard let answer = try? await lab.call(form) else {
                // Not up yet, and then no call of ours has reached it; or not any more.
                if isUp { return }
                self.state.withLock { $0.begun -= 1 }
                try? await Task.sleep(for: .milliseconds(20))
                if number > 200 { return }
                continue
            }
            isUp = true
            guard answer.status == 200,
                let arn = StateLab.texts(isRule ? "RuleArn" : "TargetGroupArn", in: answer.body).first
            else {
                // Refused, as while the lab is still coming up: nothing has changed.
                self.state.withLock { $0.begun -= 1 }
                continue
            }
            self.state.withLock { state in
                state.begun -= 1
                state.count += 1
                state.present.insert(arn)
            }
            guard number.isMultiple(of: 3) else { continue }
            self.state.withLock { _ = $0.uncertain.insert(arn) }
            let delete = isRule ? "Action=DeleteRule&RuleArn=\(arn)" : "Action=DeleteTargetGroup&TargetGroupArn=\(arn)"
            guard let answer = try? await lab.call(delete) else { return }
            self.state.withLock { state in
                state.uncertain.remove(arn)
                guard answer.status == 200 else { return }
                state.present.remove(arn)
                state.count += 1
            }
        }
    }

    /// Holds what is there against what was answered, and takes it for the truth from here on.
    func compare(_ there: Set<String>, _ comment: String) {
        self.state.withLock { state in
            let lost = state.present.subtracting(state.uncertain).subtracting(there)
            #expect(lost.isEmpty, "lost; \(comment)")
            let unknown = there.subtracting(state.present)
            // Two rules and a group were there before the first call.
            #expect(state.count == 0 || unknown.count <= state.begun + 3, "appeared from nowhere; \(comment)")
            state.present = there
            state.uncertain = []
            state.begun = 0
        }
    }
}
