import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBNet
import ELBTestSupport
import Testing

/// Signatures that botocore 1.43 made, with the lab's key pair, at 12:00 UTC on 1 January 2026.
@Suite(.timeLimit(.minutes(1))) struct `A checked signature` {
    private static let noon = Timestamp(milliseconds: 1_767_268_800_000)

    private static func headers(_ service: String, _ signed: String, _ signature: String) -> [String: String] {
        [
            "host": "127.0.0.1:4566",
            "x-amz-date": "20260101T120000Z",
            "authorization": "AWS4-HMAC-SHA256 Credential=elblab/20260101/ap-northeast-2/\(service)/aws4_request, "
                + "SignedHeaders=\(signed), Signature=\(signature)",
        ]
    }

    private static let query: APIRequest = {
        var headers = Self.headers(
            "elasticloadbalancing",
            "content-type;host;x-amz-date",
            "686c565c71f7e1df7140729d045f377ffdc61c372d6b4cf2644b7dcb41b0454d"
        )
        headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8"
        return APIRequest(headers: headers, body: Array("Action=DescribeLoadBalancers&Version=2015-12-01".utf8))
    }()

    private static let ec2: APIRequest = {
        var headers = Self.headers(
            "ec2",
            "content-type;host;x-amz-date",
            "e547a4cc5d98cf65eda248bba0263e59fdba838fd494494e135ac1c8bab7ef83"
        )
        headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8"
        return APIRequest(headers: headers, body: Array("Action=DescribeVpcs&Version=2016-11-15".utf8))
    }()

    private static let json: APIRequest = {
        var headers = Self.headers(
            "acm",
            "content-type;host;x-amz-date;x-amz-target",
            "0ce193cbf9a7f28e20b103d54dcf7e7be54e946185ee470137e32d01f1e2e419"
        )
        headers["content-type"] = "application/x-amz-json-1.1"
        headers["x-amz-target"] = "CertificateManager.ListCertificates"
        return APIRequest(headers: headers, body: Array("{}".utf8))
    }()

    private static let get = APIRequest(
        method: "GET",
        path: "/2015-12-01/",
        query: "Version=2015-12-01&Action=DescribeLoadBalancers&Names.member.1=a%20b",
        headers: Self.headers(
            "elasticloadbalancing",
            "host;x-amz-date",
            "e9b4e1a6531f4e9729fbda47a2fbec69a928ebbf36dce5db1e6026d43071266a"
        )
    )

    private static func verify(
        _ request: APIRequest,
        _ service: Service?,
        at now: Timestamp = Self.noon
    ) throws(APIError) {
        let digests = SignatureVerifier.Digests(digest: MessageDigests.sha256) {
            MessageDigests.hmacSHA256($0, key: $1)
        }
        try SignatureVerifier(.lab, digests).verify(request, for: service, now: now.milliseconds)
    }

    private static func refusal(_ request: APIRequest, _ service: Service?, at now: Timestamp = Self.noon) -> APIError?
    {
        do throws(APIError) {
            try Self.verify(request, service, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `is the same that AWS's client makes`() throws {
        try Self.verify(Self.query, .elbv2)
        try Self.verify(Self.get, .elbv2)
        try Self.verify(Self.json, .acm)
        try Self.verify(Self.ec2, .ec2)
    }

    @Test(arguments: [
        (Service.elbv2, "SignatureDoesNotMatch", 403), (.ec2, "AuthFailure", 401),
        (.acm, "InvalidSignatureException", 400),
    ])
    func `covers everything that was signed`(service: Service, code: String, status: Int) {
        let good = service == .ec2 ? Self.ec2 : service == .acm ? Self.json : Self.query
        var changes: [APIRequest] = []
        for name in ["host", "content-type"] + (service == .acm ? ["x-amz-target"] : []) {
            var request = good
            request.headers[name, default: ""] += "x"
            changes.append(request)
        }
        var body = good
        body.body.append(UInt8(ascii: "&"))
        var path = good
        path.path = "/x"
        var query = good
        query.query = "a=b"
        var method = good
        method.method = "PUT"
        for request in changes + [body, path, query, method] {
            let error = Self.refusal(request, service)
            #expect(error?.code == code)
            #expect(error?.status == status)
        }
        let late = Timestamp(milliseconds: Self.noon.milliseconds + 16 * 60 * 1000)
        #expect(Self.refusal(good, service, at: late)?.code == code)
    }

    @Test(arguments: [
        (Service.elbv2, "MissingAuthenticationToken", "InvalidClientTokenId", "IncompleteSignature"),
        (.ec2, "AuthFailure", "AuthFailure", "AuthFailure"),
        (
            .acm, "MissingAuthenticationTokenException", "UnrecognizedClientException", "IncompleteSignatureException"
        ),
    ])
    func `is there, whole, and by the key that is known`(
        service: Service,
        missing: String,
        unknown: String,
        incomplete: String
    ) {
        let good = service == .ec2 ? Self.ec2 : service == .acm ? Self.json : Self.query
        var request = good
        request.headers["authorization"] = nil
        #expect(Self.refusal(request, service)?.code == missing)
        request = good
        request.headers["authorization"]?.replace("Credential=elblab", with: "Credential=AKIDEXAMPLE")
        #expect(Self.refusal(request, service)?.code == unknown)
        for change in [("Signature=", "Sign="), ("AWS4-HMAC-SHA256", "Basic"), ("host;", ""), ("/ap-northeast-2", "")] {
            request = good
            request.headers["authorization"]?.replace(change.0, with: change.1)
            #expect(Self.refusal(request, service)?.code == incomplete, "\(change)")
        }
        request = good
        request.headers["x-amz-date"] = nil
        #expect(Self.refusal(request, service)?.code == incomplete)
    }

    @Test func `names the service that is called`() {
        #expect(Self.refusal(Self.query, .sts)?.message.contains("scoped to correct service: 'sts'") == true)
    }

    @Test func `comes before everything else that is wrong, and changes nothing`() async throws {
        let plane = RecordingDataPlane()
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        let digests = SignatureVerifier.Digests(digest: MessageDigests.sha256) {
            MessageDigests.hmacSHA256($0, key: $1)
        }
        let controlPlane = ControlPlane(lab, materials: TestMaterials(), verifier: SignatureVerifier(.lab, digests)) {
            Self.noon
        }
        #expect(await controlPlane.perform(Self.query, requestID: "1").status == 200)
        for action in ["CreateTargetGroup&Name=one", "Nonsense", ""] {
            let request = APIRequest(body: Array("Action=\(action)&Version=2015-12-01".utf8))
            let answer = await controlPlane.perform(request, requestID: "1")
            #expect(answer.status == 403)
            #expect(answer.body.contains("<Code>MissingAuthenticationToken</Code>"))
        }
    }
}
