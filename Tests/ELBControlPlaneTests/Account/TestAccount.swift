import ELBControlAPI
import ELBControlPlane
import ELBModel
import Testing

/// An account without a lab behind it: requests go through the wire and the reducer, nothing else.
struct TestAccount {
    var account = Account()
    /// What `prepare` finds outside.
    var materials = TestMaterials()
    /// What the probers of Classic Load Balancers say.
    var instanceHealth: [LabInstanceHealth] = []
    /// What those of target groups say.
    var targetHealth: [LabTargetHealth] = []
    /// Whether ids that nobody here has made count as existing.
    var acceptsForeignIDs = false
    private var events = 0

    /// Performs a request, written as the form's parameters without `Version`.
    @discardableResult
    mutating func perform(_ form: String, _ service: Service = .elbv2) throws -> WireValue {
        var found: Service?
        let body = "\(form)&Version=\(service.model.metadata.apiVersion)"
        let call = try APICall(APIRequest(body: Array(body.utf8)), service: &found)
        let command = try #require(OperationTable[call.operation])
        return try self.reduce(command, call.input)
    }

    /// Performs a request of a service that speaks JSON.
    @discardableResult
    mutating func perform(
        json: String,
        _ operation: String,
        _ prefix: String = "CertificateManager"
    ) throws -> WireValue {
        var found: Service?
        let request = APIRequest(headers: ["x-amz-target": "\(prefix).\(operation)"], body: Array(json.utf8))
        let call = try APICall(request, service: &found)
        let command = try #require(OperationTable[call.operation])
        return try self.reduce(command, call.input)
    }

    /// Performs a request of a service whose paths name the operation.
    @discardableResult
    mutating func perform(_ method: String, _ path: String, query: String = "", json: String = "") throws -> WireValue {
        var found: Service?
        let request = APIRequest(method: method, path: path, query: query, body: Array(json.utf8))
        let call = try APICall(request, service: &found)
        let command = try #require(OperationTable[call.operation])
        return try self.reduce(command, call.input)
    }

    /// What such a request is refused with; `nil` if it is not. Nothing may have changed then.
    mutating func refusal(_ method: String, _ path: String, json: String = "") -> APIError? {
        let before = self.account
        do {
            try self.perform(method, path, json: json)
            return nil
        } catch {
            #expect(self.account == before)
            return error as? APIError
        }
    }

    /// The code that a JSON request is refused with; `nil` if it is not. Nothing may have changed then.
    mutating func refusal(json: String, _ operation: String) -> String? {
        let before = self.account
        do {
            try self.perform(json: json, operation)
            return nil
        } catch {
            #expect(self.account == before)
            return (error as? APIError)?.code ?? "\(error)"
        }
    }

    private mutating func reduce<C: AccountCommand>(_ type: C.Type, _ input: WireValue) throws -> WireValue {
        var command = try C.read(input)
        try command.prepare(self.materials)
        self.events += 1
        let result = try Transaction.reduce(
            command,
            self.account,
            now: Timestamp(milliseconds: Int64(self.events)),
            health: LabHealth(targets: self.targetHealth, instances: self.instanceHealth),
            foreignIDsOf: self.acceptsForeignIDs ? input : nil,
            generator: SplitMix(state: UInt64(self.events))
        )
        try Self.expectDurable(self.account, result.events, result.account)
        self.account = result.account
        return result.output
    }

    /// What is written down of a command, and what is written down of a whole account, must bring back the same account: a record or
    /// a property that misses either is noticed by the first test that uses it.
    private static func expectDurable(_ before: Account, _ events: [AccountEvent], _ after: Account) throws {
        let replayed = try AccountText.account(try AccountText.lines(before), [try AccountText.line(events)])
        #expect(replayed == after)
        #expect(try AccountText.account(try AccountText.lines(after), []) == after)
    }

    /// The code that the request is refused with; `nil` if it is not. Nothing may have changed then.
    mutating func refusal(_ form: String, _ service: Service = .elbv2) -> String? {
        let before = self.account
        do {
            try self.perform(form, service)
            return nil
        } catch {
            #expect(self.account == before)
            return (error as? APIError)?.code ?? "\(error)"
        }
    }

    // MARK: What most tests need

    var vpc: String { self.account.vpcs.first { $0.isDefault }?.id ?? "" }

    func subnet(_ zone: AvailabilityZone) -> String { self.account.subnets.first { $0.zone == zone }?.id ?? "" }

    var subnets: String { "Subnets.member.1=\(self.subnet(.a))&Subnets.member.2=\(self.subnet(.b))" }

    mutating func loadBalancer(_ name: String = "web") throws -> String {
        let output = try self.perform("Action=CreateLoadBalancer&Name=\(name)&\(self.subnets)")
        return try output.text("LoadBalancers", 0, "LoadBalancerArn")
    }

    mutating func targetGroup(_ name: String = "one", _ more: String = "") throws -> String {
        let output = try self.perform(
            "Action=CreateTargetGroup&Name=\(name)&Protocol=HTTP&Port=8080&VpcId=\(self.vpc)\(more)"
        )
        return try output.text("TargetGroups", 0, "TargetGroupArn")
    }

    mutating func listener(_ balancer: String, port: Int = 80, to group: String? = nil) throws -> String {
        let output = try self.perform(
            "Action=CreateListener&LoadBalancerArn=\(balancer)&Protocol=HTTP&Port=\(port)&\(Self.actions(group))"
        )
        return try output.text("Listeners", 0, "ListenerArn")
    }

    mutating func rule(_ listener: String, priority: Int, to group: String? = nil) throws -> String {
        let output = try self.perform(
            "Action=CreateRule&ListenerArn=\(listener)&Priority=\(priority)&Conditions.member.1.Field=path-pattern"
                + "&Conditions.member.1.Values.member.1=/\(priority)&\(Self.actions(group, "Actions"))"
        )
        return try output.text("Rules", 0, "RuleArn")
    }

    mutating func instance() throws -> String {
        let output = try self.perform("Action=RunInstances&ImageId=ami-12345678&MinCount=1&MaxCount=1", .ec2)
        return try output.text("Instances", 0, "InstanceId")
    }

    /// A forward to the group, or a fixed response.
    static func actions(_ group: String?, _ name: String = "DefaultActions") -> String {
        guard let group else {
            return "\(name).member.1.Type=fixed-response&\(name).member.1.FixedResponseConfig.StatusCode=404"
        }
        return "\(name).member.1.Type=forward&\(name).member.1.TargetGroupArn=\(group)"
    }

    /// The same numbers in every run.
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = (self.state ^ self.state >> 30) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
            return mixed ^ mixed >> 31
        }
    }
}

extension WireValue {
    /// The text at a path of names and indices.
    func text(_ path: any PathPart...) throws -> String {
        let value = path.reduce(Optional(self)) { value, part in value.flatMap(part.step) }
        guard case .text(let text) = value else {
            Issue.record("no text at \(path) of \(self)")
            return ""
        }
        return text
    }

    func count(_ name: String) -> Int {
        guard case .list(let elements) = self[name] else { return 0 }
        return elements.count
    }
}

protocol PathPart {
    func step(_ value: WireValue) -> WireValue?
}

extension String: PathPart {
    func step(_ value: WireValue) -> WireValue? {
        guard case .structure(let members) = value else { return nil }
        return members.first { $0.name == self }?.value
    }
}

extension Int: PathPart {
    func step(_ value: WireValue) -> WireValue? {
        guard case .list(let elements) = value, elements.indices.contains(self) else { return nil }
        return elements[self]
    }
}
