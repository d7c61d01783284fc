import ELBControlAPI
import ELBModel
import ELBTestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `AWS's wire` {
    private func call(_ form: String, headers: [String: String] = [:]) throws(APIError) -> APICall {
        var service: Service?
        return try APICall(APIRequest(headers: headers, body: Array(form.utf8)), service: &service)
    }

    @Test func `has every example of botocore's`() {
        #expect(WireExample.all.count == 72)
    }

    @Test(arguments: WireExample.all)
    func `reads what botocore sends`(example: WireExample) throws {
        let call = try self.call(example.request)
        #expect("\(call.operation)" == "\(example.service).\(example.operation)")
        #expect(call.input == example.input.value)
    }

    @Test(arguments: WireExample.all)
    func `writes what botocore reads`(example: WireExample) throws {
        let service = try #require(Service(rawValue: example.service))
        let operation = OperationName(service, example.operation)
        let response = APIResponse(example.output.value, of: operation, requestID: "1")
        #expect(response.status == 200)
        #expect(response.body == example.response)
    }

    @Test func `knows every model`() {
        for service in Service.allCases {
            #expect(!service.model.operations.isEmpty)
            #expect(service.model.knows(service.model.operations.keys.first ?? ""))
        }
        #expect(Service.elbv2.model.operations.count == 51)
        #expect(Service.elb.model.operations.count == 29)
        #expect(Service.ec2.model.knows("CreateVpcEndpoint"))
    }

    @Test func `tells a list that is empty from one that is absent`() throws {
        let prefix = "Action=ModifyRule&Version=2015-12-01&RuleArn=r"
        #expect(try self.call(prefix).input["Conditions"] == nil)
        #expect(try self.call(prefix + "&Conditions=").input["Conditions"] == [])
    }

    @Test func `numbers lists in EC2's way, and closes gaps`() throws {
        let call = try self.call(
            "Action=DescribeSubnets&Version=2016-11-15&Filter.2.Name=b&Filter.1.Name=a&Filter.1.Value.1=x&SubnetId.7=s"
        )
        #expect(call.input["SubnetIds"] == ["s"])
        #expect(call.input["Filters"] == [["Name": "a", "Values": ["x"]], ["Name": "b"]])
    }

    @Test func `reads JSON where a target names the service`() throws {
        let headers = ["x-amz-target": "CertificateManager.ListCertificates"]
        let call = try self.call(#"{"MaxItems":3,"CertificateStatuses":["ISSUED"]}"#, headers: headers)
        #expect(call.operation == OperationName(.acm, "ListCertificates"))
        #expect(call.input["MaxItems"] == 3)
        #expect(throws: APIError.self) { try self.call("{", headers: headers) }
        #expect(throws: APIError.self) { try self.call("[]", headers: headers) }
    }

    @Test func `knows who signed, without looking at the signature`() throws {
        let call = try self.call(
            "Action=DescribeLoadBalancers&Version=2015-12-01",
            headers: [
                "authorization":
                    "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/elasticloadbalancing/aws4_request, "
                    + "SignedHeaders=host, Signature=00"
            ]
        )
        #expect(call.signature?.accessKey == "AKIA")
        #expect(call.signature?.region == "eu-west-1")
    }

    @Test(arguments: [
        ("Action=Foo&Version=2015-12-01", "InvalidAction"),
        ("Version=2015-12-01", "MissingAction"),
        ("", "MissingAction"),
        ("Action=DescribeLoadBalancers&Version=1999-01-01", "NotImplemented"),
        ("Action=%zz&Version=2015-12-01", "MalformedQueryString"),
        ("Action=%FF&Version=2015-12-01", "MalformedQueryString"),
        ("Action=DeleteRule&Version=2015-12-01", "ValidationError"),
        ("Action=DeleteRule&Version=2015-12-01&RuleArn.x=1", "ValidationError"),
        ("Action=CreateRule&Version=2015-12-01&Priority=ten", "ValidationError"),
        ("Action=CreateRule&Version=2015-12-01&Priority=99999999999", "ValidationError"),
        ("Action=DescribeListeners&Version=2015-12-01&PageSize=401", "ValidationError"),
        ("Action=CreateLoadBalancer&Version=2015-12-01&Name=a&Scheme=public", "ValidationError"),
        ("Action=CreateVpcEndpoint&Version=2016-11-15", "NotImplemented"),
        ("Action=StopInstances&Version=2016-11-15", "MissingParameter"),
    ])
    func `refuses what AWS refuses`(form: String, code: String) {
        let error = #expect(throws: APIError.self) { try self.call(form) }
        #expect(error?.code == code)
    }

    @Test func `names every mistake in AWS's words`() {
        let error = #expect(throws: APIError.self) {
            try self.call("Action=CreateTargetGroup&Version=2015-12-01&Protocol=SCTP&HealthCheckIntervalSeconds=1")
        }
        #expect(
            error?.message.hasPrefix(
                "3 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; "
                    + "Value '1' at 'healthCheckIntervalSeconds' failed to satisfy constraint: "
                    + "Member must have value greater than or equal to 5; "
                    + "Value 'SCTP' at 'protocol' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, "
            ) == true
        )
    }

    @Test func `writes errors in each protocol's form`() {
        let error = APIError("ValidationError", "a < b")
        let query = APIResponse(error, of: .elbv2, requestID: "1")
        #expect(query.status == 400)
        #expect(
            query.body.contains(
                "<Error><Type>Sender</Type><Code>ValidationError</Code><Message>a &lt; b</Message></Error>"
            )
        )
        let ec2 = APIResponse(error, of: .ec2, requestID: "1")
        #expect(ec2.body.hasPrefix("<Response><Errors><Error><Code>ValidationError</Code>"))
        let json = APIResponse(error, of: .acm, requestID: "1")
        #expect(json.body == #"{"__type":"ValidationException","message":"a < b"}"#)
        #expect(json.headers["x-amzn-errortype"] == "ValidationException")
        #expect(APIResponse(APIError("InvalidConfigurationRequest", ""), of: .elb, requestID: "1").status == 409)
    }

    @Test func `is not led astray by hostile forms`() {
        let deep = "Version=2015-12-01&Action=X&" + String(repeating: "a.", count: 2000) + "b=1"
        #expect(throws: APIError.self) { try self.call(deep) }
        let many = "Version=2015-12-01&Action=X&" + String(repeating: "a&", count: 30_000)
        #expect(throws: APIError.self) { try self.call(many) }
        for cut in 0..<200 {
            let form = "Action=CreateRule&Version=2015-12-01&Conditions.member.1.Field=path-pattern&Priority=1%20"
            _ = try? self.call(String(form.prefix(cut)))
        }
    }
}
