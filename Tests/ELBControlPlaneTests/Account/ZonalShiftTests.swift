import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Zonal shifts over the API` {
    private static let enable =
        "Action=ModifyLoadBalancerAttributes&Attributes.member.1.Key=zonal_shift.config.enabled"
        + "&Attributes.member.1.Value=true&LoadBalancerArn="

    private static func start(_ arn: String, _ zone: String = "apne2-az2", _ time: String = "10m") -> String {
        #"{"resourceIdentifier":"\#(arn)","awayFrom":"\#(zone)","expiresIn":"\#(time)","comment":"drill"}"#
    }

    private static func escaped(_ arn: String) -> String { arn.replacing(":", with: "%3A").replacing("/", with: "%2F") }

    private static func shiftable(_ account: inout TestAccount) throws -> String {
        let arn = try account.loadBalancer()
        try account.perform(Self.enable + arn)
        return arn
    }

    @Test(.covers("ALB-ZS-001", "NLB-AZ-013")) func `need the attribute`() throws {
        var account = TestAccount()
        let arn = try account.loadBalancer()
        #expect(account.refusal("POST", "/zonalshifts", json: Self.start(arn))?.code == "ResourceNotFoundException")
        #expect(try account.perform("GET", "/managedresources").count("items") == 0)
        try account.perform(Self.enable + arn)
        let resources = try account.perform("GET", "/managedresources")
        #expect(try resources.text("items", 0, "arn") == arn)
        #expect(resources["items"].map { "\($0)" }?.contains("apne2-az1") == true)
        try account.perform("POST", "/zonalshifts", json: Self.start(arn))
        #expect(account.account.topology.loadBalancers.first?.shiftedZone == .b)
        // Switched off again it has no effect.
        try account.perform(Self.enable.replacing("Value=true", with: "Value=false") + arn)
        #expect(account.account.topology.loadBalancers.first?.shiftedZone == nil)
    }

    @Test(.covers("ALB-ZS-002")) func `are one at a time`() throws {
        var account = TestAccount()
        let arn = try Self.shiftable(&account)
        let shift = try account.perform("POST", "/zonalshifts", json: Self.start(arn))
        let again = account.refusal("POST", "/zonalshifts", json: Self.start(arn, "apne2-az1"))
        #expect(again?.code == "ConflictException" && again?.reason == "ZonalShiftAlreadyExists")
        let id = try shift.text("zonalShiftId")
        #expect(try account.perform("DELETE", "/zonalshifts/\(id)").text("status") == "CANCELED")
        #expect(account.account.topology.loadBalancers.first?.shiftedZone == nil)
        #expect(account.refusal("DELETE", "/zonalshifts/\(id)")?.reason == "ZonalShiftStatusNotActive")
        #expect(account.refusal("DELETE", "/zonalshifts/\(id)0")?.code == "ValidationException")
        try account.perform("POST", "/zonalshifts", json: Self.start(arn, "ap-northeast-2a"))
        #expect(account.account.topology.loadBalancers.first?.shiftedZone == .a)
        let listed = try account.perform("GET", "/zonalshifts", query: "status=ACTIVE")
        #expect(listed.count("items") == 1)
        #expect(try listed.text("items", 0, "awayFrom") == "apne2-az1")
        #expect(try account.perform("GET", "/zonalshifts").count("items") == 2)
    }

    @Test(
        .covers("ALB-ZS-003"),
        arguments: [
            ("1m", nil), ("72h", nil), ("4320m", nil), ("73h", "InvalidExpiresIn"), ("4321m", "InvalidExpiresIn"),
            ("0m", ""), ("10", ""), ("10s", ""),
        ] as [(String, String?)]
    )
    func `last from a minute to three days`(time: String, reason: String?) throws {
        var account = TestAccount()
        let arn = try Self.shiftable(&account)
        let refusal = account.refusal("POST", "/zonalshifts", json: Self.start(arn, "apne2-az2", time))
        #expect((refusal == nil) == (reason == nil))
        if let reason, !reason.isEmpty { #expect(refusal?.reason == reason) }
        if reason != nil { #expect(refusal?.code == "ValidationException") }
    }

    @Test(.covers("ALB-ZS-003")) func `must say when they end, and can be prolonged`() throws {
        var account = TestAccount()
        let arn = try Self.shiftable(&account)
        let endless = #"{"resourceIdentifier":"\#(arn)","awayFrom":"apne2-az2","comment":"drill"}"#
        #expect(account.refusal("POST", "/zonalshifts", json: endless)?.code == "ValidationException")
        let shift = try account.perform("POST", "/zonalshifts", json: Self.start(arn))
        let path = "/zonalshifts/\(try shift.text("zonalShiftId"))"
        let longer = try account.perform("PATCH", path, json: #"{"expiresIn":"2h","comment":"still"}"#)
        guard case .timestamp(let before) = shift["expiryTime"], case .timestamp(let after) = longer["expiryTime"]
        else {
            Issue.record("no times")
            return
        }
        #expect(after.milliseconds - before.milliseconds >= 110 * 60_000)
        #expect(try longer.text("comment") == "still")
    }

    @Test func `are refused where the zone is none, or none of the load balancer's`() throws {
        var account = TestAccount()
        let arn = try Self.shiftable(&account)
        let refusals = ["apne2-az4", "use1-az1"].map {
            account.refusal("POST", "/zonalshifts", json: Self.start(arn, $0))?.reason
        }
        #expect(refusals == ["UnsupportedAz", "InvalidAz"])
    }

    @Test(.covers("ALB-ZS-006", "ALB-ZS-007", "NLB-AZ-014"))
    func `override the state of a zone's targets, whatever their health`() throws {
        var account = TestAccount()
        let balancer = try account.loadBalancer()
        let group = try account.targetGroup("one", "&TargetType=ip")
        _ = try account.listener(balancer, to: group)
        try account.perform(
            "Action=RegisterTargets&TargetGroupArn=\(group)&Targets.member.1.Id=127.10.1.70&Targets.member.2.Id=127.10.2.70"
        )
        func states() throws -> [String] {
            let health = try account.perform("Action=DescribeTargetHealth&TargetGroupArn=\(group)")
            guard case .list(let targets) = health["TargetHealthDescriptions"] else { return [] }
            return try targets.map {
                $0["AdministrativeOverride"] == nil ? "-" : try $0.text("AdministrativeOverride", "State")
            }
        }
        #expect(try states() == ["-", "-"])
        try account.perform(Self.enable + balancer)
        #expect(try states() == ["no_override", "no_override"])
        try account.perform("POST", "/zonalshifts", json: Self.start(balancer))
        #expect(try states() == ["no_override", "zonal_shift_active"])
        let health = try account.perform("Action=DescribeTargetHealth&TargetGroupArn=\(group)")
        #expect(
            try health.text("TargetHealthDescriptions", 1, "AdministrativeOverride", "Reason")
                == "AdministrativeOverride.ZonalShiftActive"
        )
        // Nodes keep to their zones, so that there is nothing for them to do.
        try account.perform(
            "Action=ModifyTargetGroupAttributes&TargetGroupArn=\(group)&Attributes.member.1.Key="
                + "load_balancing.cross_zone.enabled&Attributes.member.1.Value=false"
        )
        #expect(try states() == ["no_override", "zonal_shift_delegated_to_dns"])
    }

    @Test func `are shown with the resource, and go with it`() throws {
        var account = TestAccount()
        let arn = try Self.shiftable(&account)
        try account.perform("POST", "/zonalshifts", json: Self.start(arn))
        let resource = try account.perform("GET", "/managedresources/\(Self.escaped(arn))")
        #expect(try resource.text("zonalShifts", 0, "appliedStatus") == "APPLIED")
        #expect(resource["appliedWeights"] == ["apne2-az1": .decimal(1), "apne2-az2": .decimal(0)])
        try account.perform("Action=DeleteLoadBalancer&LoadBalancerArn=\(arn)")
        #expect(try account.perform("GET", "/zonalshifts").count("items") == 0)
    }

    @Test(.covers("ALB-ZS-003")) func `end by themselves, on the lab's clock`() async throws {
        let plane = RecordingDataPlane()
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        // A minute lasts a hundredth of a second.
        let controlPlane = ControlPlane(lab, materials: TestMaterials(), timeScale: 6000) {
            Timestamp(milliseconds: Self.milliseconds())
        }
        func perform(_ request: APIRequest) async -> APIResponse { await controlPlane.perform(request, requestID: "1") }
        let account = TestAccount()
        let form = "Action=CreateLoadBalancer&Version=2015-12-01&Name=web&\(account.subnets)"
        let created = await perform(APIRequest(body: Array(form.utf8)))
        let arn = String(created.body.split(separator: "LoadBalancerArn>")[1].dropLast(2))
        let enabled = await perform(APIRequest(body: Array((Self.enable + arn + "&Version=2015-12-01").utf8)))
        #expect(enabled.status == 200)
        let started = await perform(
            APIRequest(path: "/zonalshifts", body: Array(Self.start(arn, "apne2-az2", "1m").utf8))
        )
        #expect(started.status == 201 && started.headers["content-type"] == "application/json")
        while !plane.entries.suffix(2).elementsEqual(["apply web away from b", "apply web"]) {
            try await Task.sleep(for: .milliseconds(1))
        }
        let listed = await perform(APIRequest(method: "GET", path: "/zonalshifts", query: "status=EXPIRED"))
        #expect(listed.body.contains(#""status":"EXPIRED""#))
        let missing = await perform(APIRequest(method: "DELETE", path: "/zonalshifts/none"))
        #expect(missing.status == 400 && missing.headers["x-amzn-errortype"] == "ValidationException")
        let unknown = await perform(APIRequest(method: "PUT", path: "/zonalshifts"))
        #expect(unknown.status == 404)
    }

    private static let begin = ContinuousClock.now

    private static func milliseconds() -> Int64 { Int64(Self.begin.duration(to: .now) / .milliseconds(1)) }
}
