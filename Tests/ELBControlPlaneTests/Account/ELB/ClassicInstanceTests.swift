import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Instances of a Classic Load Balancer` {
    private static func list(_ ids: String...) -> String {
        ids.enumerated().map { "Instances.member.\($0.offset + 1).InstanceId=\($0.element)" }.joined(separator: "&")
    }

    private static let register = "RegisterInstancesWithLoadBalancer"
    private static let deregister = "DeregisterInstancesFromLoadBalancer"

    @Test(.covers("CLB-AP-006", "CLB-AP-012", "CLB-RT-011"))
    func `are registered once, and answered with at once`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let one = try account.instance()
        let two = try account.instance()
        try account.classic(Self.register, "old", Self.list(one))
        let output = try account.classic(Self.register, "old", Self.list(one, two, two))
        #expect(output.count("Instances") == 2)
        #expect(try output.text("Instances", 1, "InstanceId") == two)
        let registered = account.account.topology.classicLoadBalancers.first?.instances.first
        #expect(registered?.address == account.account.instances[one]?.instance.address)
        let rest = try account.classic(Self.deregister, "old", Self.list(one))
        #expect(try rest.text("Instances", 0, "InstanceId") == two)
        // Registered it is not, but there.
        try account.classic(Self.deregister, "old", Self.list(one))
    }

    @Test(.covers("CLB-AP-013"))
    func `run, in the load balancer's VPC`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let instance = try account.instance()
        #expect(account.classicRefusal(Self.register, "old", Self.list("i-0123456789abcdef0")) == "InvalidInstance")
        #expect(account.classicRefusal(Self.deregister, "old", Self.list("i-0123456789abcdef0")) == "InvalidInstance")
        #expect(account.classicRefusal(Self.register, "none", Self.list(instance)) == "LoadBalancerNotFound")
        #expect(account.classicRefusal(Self.register, "old") == "ValidationError")
        try account.perform("Action=StopInstances&InstanceId.1=\(instance)", .ec2)
        #expect(account.classicRefusal(Self.register, "old", Self.list(instance)) == "InvalidInstance")
        var moved = try #require(account.account.instances[instance])
        moved.state = .running
        moved.vpc = "vpc-other"
        account.account.apply(.saved(.instance(moved)))
        #expect(account.classicRefusal(Self.register, "old", Self.list(instance)) == "InvalidInstance")
    }

    @Test func `leave the topology while they are stopped, and the load balancer when they are terminated`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let instance = try account.instance()
        try account.classic(Self.register, "old", Self.list(instance))
        func count() -> Int? { account.account.topology.classicLoadBalancers.first?.instances.count }
        try account.perform("Action=StopInstances&InstanceId.1=\(instance)", .ec2)
        #expect(count() == 0)
        #expect(try account.describe().count("Instances") == 1)
        try account.perform("Action=StartInstances&InstanceId.1=\(instance)", .ec2)
        #expect(count() == 1)
        try account.perform("Action=TerminateInstances&InstanceId.1=\(instance)", .ec2)
        #expect(try account.describe().count("Instances") == 0)
    }

    @Test func `listen where listeners and the health check expect them`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let instance = try account.instance()
        func ports() -> [UInt16]? { account.account.instances[instance]?.instance.ports.map(\.rawValue) }
        try account.classic(Self.register, "old", Self.list(instance))
        #expect(ports() == [8080])
        try account.classic("CreateLoadBalancerListeners", "old", TestAccount.listener("TCP", 81, nil, 9000))
        #expect(ports() == [8080, 9000])
        try account.classic(
            "ConfigureHealthCheck",
            "old",
            "HealthCheck.Target=TCP:9001&HealthCheck.Interval=30&HealthCheck.Timeout=5&HealthCheck.UnhealthyThreshold=2"
                + "&HealthCheck.HealthyThreshold=2"
        )
        #expect(ports() == [8080, 9000, 9001])
    }
}
