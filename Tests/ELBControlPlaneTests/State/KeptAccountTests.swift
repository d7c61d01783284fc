import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `An account that is kept` {
    /// Keeps lines in memory, and fails where it is told to.
    private final class Memory: AccountKeeper {
        struct State {
            var snapshot: [[UInt8]] = []
            var journal: [[UInt8]] = []
            var isFull = false
            var isBroken = false
            var isLong = false
        }

        struct Full: Error, CustomStringConvertible {
            var description: String { "No space left on device" }
        }

        let state = Mutex(State())

        func reserve(_ count: Int) async throws {
            if self.state.withLock({ $0.isFull }) { throw Full() }
        }

        func append(_ line: [UInt8]) async throws {
            try self.state.withLock { state in
                guard !state.isBroken else { throw Full() }
                state.journal.append(line)
            }
        }

        func rewrite(_ lines: [[UInt8]]) async throws {
            try self.state.withLock { state in
                guard !state.isFull else { throw Full() }
                state.snapshot = lines
                state.journal = []
            }
        }

        var isLong: Bool { self.state.withLock { $0.isLong } }

        /// What a lab that starts now would begin with.
        func account() throws -> Account {
            let state = self.state.withLock { ($0.snapshot, $0.journal) }
            return try AccountText.account(state.0.isEmpty ? nil : state.0, state.1)
        }
    }

    private let plane = RecordingDataPlane()
    private let memory = Memory()

    private func controlPlane(_ account: Account = Account()) -> ControlPlane {
        let plane = self.plane
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        return ControlPlane(lab, materials: TestMaterials(), account: account, keeper: self.memory) {
            Timestamp(milliseconds: 7)
        }
    }

    private func call(_ controlPlane: ControlPlane, _ form: String, _ service: Service = .elbv2) async -> APIResponse {
        let body = "\(form)&Version=\(service.model.metadata.apiVersion)"
        return await controlPlane.perform(APIRequest(body: Array(body.utf8)), requestID: "1")
    }

    private func create(_ controlPlane: ControlPlane, _ name: String = "web") async -> APIResponse {
        await self.call(controlPlane, "Action=CreateLoadBalancer&Name=\(name)&\(TestAccount().subnets)")
    }

    private static let run = "Action=RunInstances&ImageId=ami-12345678&MinCount=1&MaxCount=1"

    private func describe(_ controlPlane: ControlPlane) async -> String {
        await self.call(controlPlane, "Action=DescribeLoadBalancers").body
    }

    @Test func `is the same after a restart, to the letter`() async throws {
        let first = self.controlPlane()
        #expect(await self.create(first).status == 200)
        #expect(await self.call(first, Self.run, .ec2).status == 200)
        let before = await self.describe(first)
        let second = self.controlPlane(try self.memory.account())
        try await second.adopt(Topology())
        #expect(await self.describe(second) == before)
        // Both were carried out once more.
        #expect(self.plane.entries.count(where: { $0 == "apply web" }) == 2)
        #expect(self.plane.entries.count(where: { $0.hasPrefix("start i-") }) == 2)
    }

    @Test func `has not changed when the disk is full`() async throws {
        let controlPlane = self.controlPlane()
        _ = await self.create(controlPlane)
        let entries = self.plane.entries
        self.memory.state.withLock { $0.isFull = true }
        let refused = await self.create(controlPlane, "other")
        #expect(refused.status == 400)
        #expect(refused.body.contains("<Code>InvalidConfigurationRequest</Code>"))
        #expect(refused.body.contains("No space left on device"))
        // What runs was not touched.
        #expect(self.plane.entries == entries)
        #expect(await !self.describe(controlPlane).contains("other"))
        await #expect(throws: (any Error).self) { try await controlPlane.reset() }
        #expect(await self.describe(controlPlane).contains("web"))
        self.memory.state.withLock { $0.isFull = false }
        #expect(await self.create(controlPlane, "other").status == 200)
    }

    @Test func `is carried back when the disk fails last`() async throws {
        let controlPlane = self.controlPlane()
        self.memory.state.withLock { $0.isBroken = true }
        #expect(await self.create(controlPlane).status == 400)
        #expect(self.plane.entries == ["apply web", "stop balancer"])
        #expect(try self.memory.account() == Account())
    }

    @Test func `is not written down when the data plane refuses`() async throws {
        let plane = RecordingDataPlane(brokenBalancer: "web")
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        let controlPlane = ControlPlane(lab, materials: TestMaterials(), keeper: self.memory) {
            Timestamp(milliseconds: 7)
        }
        #expect(await self.create(controlPlane).status == 400)
        #expect(self.memory.state.withLock { $0.journal.isEmpty })
    }

    @Test func `forgets for good when it is reset`() async throws {
        let controlPlane = self.controlPlane()
        _ = await self.create(controlPlane)
        try await controlPlane.reset()
        #expect(try self.memory.account() == Account())
    }

    @Test func `is rewritten when the journal is long`() async throws {
        let controlPlane = self.controlPlane()
        self.memory.state.withLock { $0.isLong = true }
        _ = await self.create(controlPlane)
        #expect(self.memory.state.withLock { $0.journal.isEmpty && !$0.snapshot.isEmpty })
        #expect(try self.memory.account().loadBalancers.count == 1)
    }

    @Test func `takes templates' parts from the templates, and the rest from what was kept`() async throws {
        var shop = LoadBalancer(
            name: LoadBalancerName(rawValue: "shop"),
            nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
            dnsName: "shop-1.ap-northeast-2.elb.aws.test"
        )
        let first = self.controlPlane()
        try await first.adopt(Topology(loadBalancers: [shop]))
        _ = await self.create(first)
        // The template was edited between the runs.
        shop.nodes.append(.init(zone: .b, address: LabAddresses.publicAddress(.b, host: 4)))
        let second = self.controlPlane(try self.memory.account())
        try await second.adopt(Topology(loadBalancers: [shop]))
        let edited = try self.memory.account()
        #expect(edited.loadBalancers.map(\.balancer.name.rawValue) == ["shop", "web"])
        #expect(edited.loadBalancers.first { $0.owner == .template }?.balancer.nodes.count == 2)
        // And is not given a third time: what it described goes, what the API made stays.
        let third = self.controlPlane(edited)
        try await third.adopt(Topology())
        #expect(try self.memory.account().loadBalancers.map(\.balancer.name.rawValue) == ["web"])
    }

    @Test func `writes nothing when a template is read again and says the same`() async throws {
        let controlPlane = self.controlPlane()
        let shop = LoadBalancer(
            name: LoadBalancerName(rawValue: "shop"),
            nodes: [.init(zone: .a, address: LabAddresses.publicAddress(.a, host: 4))],
            dnsName: "shop-1.ap-northeast-2.elb.aws.test"
        )
        try await controlPlane.adopt(Topology(loadBalancers: [shop]))
        let journal = self.memory.state.withLock { $0.journal }
        #expect(journal.count == 1)
        try await controlPlane.adopt(Topology(loadBalancers: [shop]))
        #expect(self.memory.state.withLock { $0.journal } == journal)
    }

    @Test func `refuses a record that it does not know`() {
        let line = Array(#"[{"saved":{"_0":{"spaceship":{"_0":{}}}}}]"#.utf8)
        #expect(throws: AccountTextError.self) { _ = try AccountText.account(nil, [line]) }
    }
}
