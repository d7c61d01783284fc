import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The control plane` {
    private func controlPlane(_ plane: RecordingDataPlane) -> ControlPlane {
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        return ControlPlane(lab, materials: TestMaterials()) { Timestamp(milliseconds: 0) }
    }

    private func call(
        _ controlPlane: ControlPlane,
        _ form: String,
        _ version: String = "2015-12-01"
    ) async -> APIResponse {
        await controlPlane.perform(APIRequest(body: Array("\(form)&Version=\(version)".utf8)), requestID: "1")
    }

    private var twoZones: String {
        let account = TestAccount()
        return account.subnets
    }

    @Test func `carries out what a call makes before it answers`() async throws {
        let plane = RecordingDataPlane()
        let controlPlane = self.controlPlane(plane)
        let created = await self.call(controlPlane, "Action=CreateLoadBalancer&Name=web&\(self.twoZones)")
        #expect(created.status == 200)
        #expect(plane.entries == ["apply web"])
        let run = "Action=RunInstances&ImageId=ami-12345678&MinCount=1&MaxCount=1"
        #expect(await self.call(controlPlane, run, "2016-11-15").status == 200)
        // The load balancer has not changed and is left alone.
        #expect(plane.entries.count == 2)
        #expect(plane.entries[1].hasPrefix("start i-"))
    }

    @Test func `takes nothing for done that the data plane refused`() async throws {
        let plane = RecordingDataPlane(brokenBalancer: "web")
        let controlPlane = self.controlPlane(plane)
        let refused = await self.call(controlPlane, "Action=CreateLoadBalancer&Name=web&\(self.twoZones)")
        #expect(refused.status == 400)
        #expect(refused.body.contains("<Code>InvalidConfigurationRequest</Code>"))
        let described = await self.call(controlPlane, "Action=DescribeLoadBalancers")
        #expect(described.body.contains("<LoadBalancers></LoadBalancers>"))
    }

    @Test func `lets calls of the same moment through one by one`() async throws {
        let controlPlane = self.controlPlane(RecordingDataPlane())
        let twoZones = self.twoZones
        let statuses = await withTaskGroup(of: Int.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let form = "Action=CreateLoadBalancer&Name=web-\(number % 20)&\(twoZones)"
                    return await self.call(controlPlane, form).status
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 40))
        let described = await self.call(controlPlane, "Action=DescribeLoadBalancers")
        #expect(described.body.split(separator: "<LoadBalancerName>").count == 21)
    }

    @Test func `shows what templates describe, and lets the API work on it`() async throws {
        let plane = RecordingDataPlane()
        let controlPlane = self.controlPlane(plane)
        var balancer = LoadBalancer(
            name: LoadBalancerName(rawValue: "shop"),
            nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
            dnsName: "shop-1.ap-northeast-2.elb.aws.test"
        )
        balancer.listeners = [
            Listener(port: 80, defaultActions: [.fixedResponse(FixedResponseAction(statusCode: 404))], id: "0a")
        ]
        try await controlPlane.adopt(Topology(loadBalancers: [balancer]))
        let arn = ResourceARN.loadBalancer(name: balancer.name, id: balancer.id)
        let listener = ResourceARN.listener(ofLoadBalancer: arn, id: "0a")
        let listeners = await self.call(controlPlane, "Action=DescribeListeners&LoadBalancerArn=\(arn)")
        #expect(listeners.body.contains("<ListenerArn>\(listener)</ListenerArn>"))
        let rule =
            "Action=CreateRule&ListenerArn=\(listener)&Priority=1&Conditions.member.1.Field=path-pattern"
            + "&Conditions.member.1.Values.member.1=/x&\(TestAccount.actions(nil, "Actions"))"
        #expect(await self.call(controlPlane, rule).status == 200)
        // A template that is read again keeps what the API has made inside.
        balancer.listeners[0].port = 81
        try await controlPlane.adopt(Topology(loadBalancers: [balancer]))
        let rules = await self.call(controlPlane, "Action=DescribeRules&ListenerArn=\(listener)")
        #expect(rules.body.contains("<Priority>1</Priority>"))
        try await controlPlane.adopt(Topology())
        let none = await self.call(controlPlane, "Action=DescribeLoadBalancers")
        #expect(none.body.contains("<LoadBalancers></LoadBalancers>"))
        #expect(plane.entries == ["apply shop", "apply shop", "apply shop", "stop balancer"])
    }

    @Test func `forgets what the API has made when it is reset`() async throws {
        let controlPlane = self.controlPlane(RecordingDataPlane())
        _ = await self.call(controlPlane, "Action=CreateLoadBalancer&Name=web&\(self.twoZones)")
        try await controlPlane.reset()
        let none = await self.call(controlPlane, "Action=DescribeLoadBalancers")
        #expect(none.body.contains("<LoadBalancers></LoadBalancers>"))
    }

    @Test func `is in one Region, and says so elsewhere`() async throws {
        let controlPlane = self.controlPlane(RecordingDataPlane())
        let request = APIRequest(
            headers: ["authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/ec2/aws4_request, "],
            body: Array("Action=DescribeVpcs&Version=2016-11-15".utf8)
        )
        let answer = await controlPlane.perform(request, requestID: "1")
        #expect(answer.status == 403)
        #expect(answer.body.contains("AWS_DEFAULT_REGION"))
    }

    @Test func `answers 501 for what it has not built`() async throws {
        let controlPlane = self.controlPlane(RecordingDataPlane())
        let answer = await self.call(controlPlane, "Action=ModifyIpPools&LoadBalancerArn=a")
        #expect(answer.status == 501)
        #expect(answer.body.contains("<Code>NotImplemented</Code>"))
    }
}
