import ELBControlAPI
import ELBControlPlane
import ELBModel
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Foreign ids` {
    /// What a call makes of an account that accepts them.
    private func perform(_ form: String, _ account: Account) throws -> (account: Account, output: WireValue) {
        var service: Service?
        let body = "\(form)&Version=2015-12-01"
        let call = try APICall(APIRequest(body: Array(body.utf8)), service: &service)
        let command = try #require(OperationTable[call.operation])
        return try self.reduce(command, call.input, account)
    }

    private func reduce<C: AccountCommand>(
        _ type: C.Type,
        _ input: WireValue,
        _ account: Account
    ) throws -> (account: Account, output: WireValue) {
        let result = try Transaction.reduce(
            try C.read(input),
            account,
            now: Timestamp(milliseconds: 1),
            foreignIDsOf: input,
            generator: SystemRandomNumberGenerator()
        )
        return (result.account, result.output)
    }

    @Test func `make a load balancer out of an example of AWS's`() throws {
        let (account, output) = try self.perform(
            "Action=CreateLoadBalancer&Name=my-load-balancer&Subnets.member.1=subnet-b7d581c0&Subnets.member.2=subnet-8360a9e7"
                + "&SecurityGroups.member.1=sg-5943793c",
            Account()
        )
        #expect(try output.text("LoadBalancers", 0, "SecurityGroups", 0) == "sg-5943793c")
        #expect(account.subnets["subnet-b7d581c0"]?.zone == .a)
        #expect(account.subnets["subnet-8360a9e7"]?.zone == .b)
        // Known from now on: nothing is made twice.
        let again = try self.perform(
            "Action=SetSecurityGroups&LoadBalancerArn=\(output.text("LoadBalancers", 0, "LoadBalancerArn"))&SecurityGroups.member.1=sg-5943793c",
            account
        )
        #expect(again.account.securityGroups.count { _ in true } == account.securityGroups.count { _ in true })
    }

    @Test func `are backends where they are instances`() throws {
        let (account, output) = try self.perform(
            "Action=CreateTargetGroup&Name=my-targets&Protocol=HTTP&Port=80&VpcId=vpc-3ac0fb5f",
            Account()
        )
        let group = try output.text("TargetGroups", 0, "TargetGroupArn")
        let after = try self.perform(
            "Action=RegisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id=i-80c8dd94&Targets.member.2.Id=i-ceddcd4d",
            account
        ).account
        #expect(after.targetGroups[group]?.group.targets.count == 2)
        #expect(after.instances.map(\.state) == [.running, .running])
        #expect(after.instances["i-80c8dd94"]?.instance.ports.contains(80) == true)
    }

    @Test(arguments: ["subnet-zzzzzzzz", "subnet-1234567", "subnet-"])
    func `that are ill-formed fail`(id: String) {
        #expect(throws: APIError.self) {
            try self.perform(
                "Action=CreateLoadBalancer&Name=a&Subnets.member.1=\(id)&Subnets.member.2=subnet-8360a9e7",
                Account()
            )
        }
    }

    @Test func `are refused unless they are asked for`() {
        var account = TestAccount()
        #expect(
            account.refusal(
                "Action=CreateLoadBalancer&Name=a&Subnets.member.1=subnet-b7d581c0&Subnets.member.2=subnet-8360a9e7"
            ) == "SubnetNotFound"
        )
    }
}
