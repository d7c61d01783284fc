import ELBControlAPI
import ELBControlPlane
import ELBModel
import ELBTestSupport
import FoundationEssentials
import Testing

/// Whatever a stranger sends is answered with AWS's 4xx, and nothing has changed (501 is for what the lab does not have).
@Suite(.timeLimit(.minutes(2))) struct `Bad input` {
    private let controlPlane: ControlPlane = {
        let plane = RecordingDataPlane()
        let lab = Lab(fleet: plane) { _ in RecordingDataPlane.Balancer(plane: plane) }
        return ControlPlane(lab, materials: TestMaterials()) { Timestamp(milliseconds: 7) }
    }()

    private static let target = ["x-amz-target": "CertificateManager.ImportCertificate"]

    private func everything() async -> String {
        var answers = ""
        for action in ["DescribeLoadBalancers", "DescribeTargetGroups"] {
            let request = APIRequest(body: Array("Action=\(action)&Version=2015-12-01".utf8))
            answers += await self.controlPlane.perform(request, requestID: "1").body
        }
        return answers
    }

    private func expectRefused(_ request: APIRequest, _ code: String? = nil, _ comment: String = "") async {
        let answer = await self.controlPlane.perform(request, requestID: "1")
        #expect((400..<500).contains(answer.status), "\(comment) \(answer.body.prefix(200))")
        if let code { #expect(answer.body.contains(code), "\(answer.body.prefix(300))") }
    }

    private static func form(_ text: String, headers: [String: String] = [:]) -> APIRequest {
        APIRequest(headers: headers, body: Array(text.utf8))
    }

    @Test(arguments: [
        ("", "MissingAction"), ("Version=2015-12-01", "MissingAction"), ("Action=&Version=2015-12-01", "MissingAction"),
        ("Action=Fly&Version=2015-12-01", "InvalidAction"), ("%", "MalformedQueryString"),
        ("a=%zz", "MalformedQueryString"),
        ("a=%ff", "MalformedQueryString"), ("Action=CreateRule&Version=2015-12-01", "ValidationError"),
        ("Action=DescribeRules&PageSize=x&Version=2015-12-01", "ValidationError"),
        ("Action=DescribeRules&PageSize=99999999999999999999&Version=2015-12-01", "ValidationError"),
        ("Action=DescribeLoadBalancers&Marker=nowhere&Version=2015-12-01", "ValidationError"),
        ("Action=DescribeLoadBalancers&PageSize=0&Version=2015-12-01", "ValidationError"),
        ("Action=RunInstances&Version=2016-11-15", "MissingParameter"),
    ])
    func `in a form is named`(form: String, code: String) async {
        await self.expectRefused(Self.form(form), code)
    }

    @Test(arguments: [
        "{", "[]", "nonsense", "\u{0}", #"{"Certificate": {}}"#, #"{"Certificate": "%%%"}"#, "null",
        String(repeating: "[", count: 100_000), String(repeating: #"{"Tags":"#, count: 10_000),
    ])
    func `in JSON is named`(text: String) async {
        await self.expectRefused(Self.form(text, headers: Self.target))
    }

    @Test func `in what is compressed is named`() async throws {
        let packed = try #require(
            Data(base64Encoded: "H4sIAAAAAAACA3NMLsnMz7N1SS1OLspMSvXJT0xxSsxJzEtOLSpWCwMSIFkjA0NTXUMjXQNDAEebAtUvAAAA")
        )
        let gzip = ["content-encoding": "gzip"]
        let good = APIRequest(headers: gzip, body: Array(packed))
        #expect(await self.controlPlane.perform(good, requestID: "1").status == 200)
        for cut in packed.indices { await self.expectRefused(APIRequest(headers: gzip, body: Array(packed[..<cut]))) }
        await self.expectRefused(
            APIRequest(headers: ["content-encoding": "br"], body: Array(packed)),
            "UnsupportedContent"
        )
        // 2 MiB of zeros in 2 KiB.
        let bomb = try #require(Self.bomb)
        let answer = await self.controlPlane.perform(APIRequest(headers: gzip, body: bomb), requestID: "1")
        #expect(answer.status == 413)
    }

    /// A block with fixed codes: one zero, then copies of 258 of them, without a check sum, which nobody reaches.
    private static let bomb: [UInt8]? = {
        var bits: [UInt8] = [1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0]
        // Length 258 is symbol 285, code 11000101; distance 1 is code 00000.
        for _ in 0..<9000 { bits += [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0] }
        var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        for start in stride(from: 0, to: bits.count, by: 8) {
            bytes.append(
                bits[start..<min(start + 8, bits.count)].enumerated().reduce(0) { $0 | $1.element << UInt8($1.offset) }
            )
        }
        return bytes + Array(repeating: 0, count: 8)
    }()

    @Test func `that is nearly right changes nothing`() async {
        let subnets = TestAccount().subnets
        let good = Array("Action=CreateLoadBalancer&Name=web&\(subnets)&Version=2015-12-01".utf8)
        let before = await self.everything()
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<500 {
            var body = good
            for _ in 0...next(3) {
                switch next(3) {
                case 0: body[next(body.count)] = UInt8(next(256))
                case 1: body.remove(at: next(body.count))
                default: body.insert(UInt8(next(256)), at: next(body.count))
                }
            }
            let answer = await self.controlPlane.perform(APIRequest(body: body), requestID: "1")
            #expect(answer.status < 500 || answer.status == 501, "seed \(seed)")
            guard answer.status == 200, body.starts(with: Array("Action=Create".utf8)) else {
                #expect(await self.everything() == before, "seed \(seed)")
                continue
            }
            // The change did no harm, as one in the name; it is undone.
            try? await self.controlPlane.reset()
        }
    }
}
