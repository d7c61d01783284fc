import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The health of a Classic Load Balancer's instances` {

    @Test(.covers("CLB-ST-001", "CLB-ST-002"))
    func `is told in AWS's words, to the letter`() {
        #expect(ClassicInstanceHealth.State.allCases.map(\.rawValue) == ["InService", "OutOfService", "Unknown"])
        #expect(ClassicInstanceHealth.Reason.allCases.map(\.rawValue) == ["ELB", "Instance", "N/A"])
        #expect(
            ClassicInstanceHealth.Detail.allCases.map(\.rawValue) == [
                "N/A", "A transient error occurred. Please try again later.",
                "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.",
                "Instance has not passed the configured HealthyThreshold number of health checks consecutively.",
                "Instance registration is still in progress.",
                "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route traffic to.",
                "Instance is not currently registered with the LoadBalancer.",
                "Instance deregistration currently in progress.", "Disable Availability Zone is currently in progress.",
                "Instance is in pending state.", "Instance is in stopped state.", "Instance is in terminated state.",
            ]
        )
    }

    private func state(_ id: String, _ account: inout TestAccount) throws -> [String] {
        let output = try account.classic("DescribeInstanceHealth", "old", "Instances.member.1.InstanceId=\(id)")
        guard output.count("InstanceStates") == 1 else { return [] }
        return try ["State", "ReasonCode", "Description"].map { try output.text("InstanceStates", 0, $0) }
    }

    @Test(.covers("CLB-ST-001", "CLB-ST-003", "CLB-ST-004", "CLB-ST-005", "CLB-ST-006"))
    func `is what the probers see, and what EC2 knows`() throws {
        var account = TestAccount()
        try account.classicLoadBalancer()
        let id = try account.instance()
        func see(_ healths: ClassicInstanceHealth...) {
            account.instanceHealth = zip(AvailabilityZone.allCases, healths).map { node, health in
                LabInstanceHealth(
                    loadBalancer: LoadBalancerName(rawValue: "old"),
                    instance: InstanceID(rawValue: id),
                    node: node,
                    health: health
                )
            }
        }
        let unregistered = ["OutOfService", "ELB", "Instance is not currently registered with the LoadBalancer."]
        #expect(try self.state(id, &account) == unregistered)
        let list = "Instances.member.1.InstanceId=\(id)"
        try account.classic("RegisterInstancesWithLoadBalancer", "old", list)
        #expect(try self.state(id, &account) == ["OutOfService", "ELB", "Instance registration is still in progress."])
        see(.inService, .inService)
        #expect(try self.state(id, &account) == ["InService", "N/A", "N/A"])
        let failed = ClassicInstanceHealth(.outOfService, .instance, .failedChecks)
        see(.inService, failed)
        #expect(try self.state(id, &account) == ["OutOfService", "Instance", failed.detail.rawValue])
        // Of all that are registered.
        #expect(try account.classic("DescribeInstanceHealth").text("InstanceStates", 0, "State") == "OutOfService")
        try account.perform("Action=StopInstances&InstanceId.1=\(id)", .ec2)
        #expect(try self.state(id, &account) == ["OutOfService", "Instance", "Instance is in stopped state."])
        try account.perform("Action=StartInstances&InstanceId.1=\(id)", .ec2)
        try account.classic("DeregisterInstancesFromLoadBalancer", "old", list)
        see(ClassicInstanceHealth(.inService, .elb, .deregistrationInProgress))
        #expect(try self.state(id, &account) == ["InService", "ELB", "Instance deregistration currently in progress."])
        #expect(try account.classic("DescribeInstanceHealth").count("InstanceStates") == 1)
        see()
        #expect(try self.state(id, &account) == unregistered)
        #expect(try account.classic("DescribeInstanceHealth").count("InstanceStates") == 0)
        try account.perform("Action=TerminateInstances&InstanceId.1=\(id)", .ec2)
        #expect(try self.state(id, &account) == [])
        #expect(
            account.classicRefusal("DescribeInstanceHealth", "old", "Instances.member.1.InstanceId=i-0")
                == "InvalidInstance"
        )
        #expect(account.classicRefusal("DescribeInstanceHealth", "none") == "LoadBalancerNotFound")
    }
}
