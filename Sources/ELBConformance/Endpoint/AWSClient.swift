internal import ELBModel
internal import FoundationEssentials

/// Calls of AWS's API, signed by libcurl: nothing of it is shared with what reads them in the lab.
struct AWSClient: Sendable {
    let place: EndpointPlace
    let curl: CurlClient

    enum Service: String, Sendable {
        case loadBalancing = "elasticloadbalancing"
        case compute = "ec2"
        case certificates = "acm"

        fileprivate var version: String {
            switch self {
            case .loadBalancing: "2015-12-01"
            case .compute: "2016-11-15"
            case .certificates: "2015-12-08"
            }
        }
    }

    /// A call in the query protocol.
    /// - Throws: `Inexpressible` when the endpoint does not have the operation, `SubjectFailure.notStarted` for every other refusal.
    @discardableResult
    func query(
        _ action: String,
        of service: Service = .loadBalancing,
        _ parameters: [(String, JSONText)] = []
    )
        async throws -> XMLText
    {
        let form = [("Action", JSONText.string(action)), ("Version", .string(service.version))] + parameters
        let response = try await self.send(
            action,
            to: service,
            QueryForm.text(.object(form)),
            headers: [CurlHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        )
        let answer = XMLText(response.body)
        guard response.status == 200, let answer else {
            throw Self.refusal(
                of: action,
                status: response.status,
                code: answer?.first("Code")?.text,
                message: answer?.first("Message")?.text
            )
        }
        return answer
    }

    /// A call in the JSON protocol, to Certificate Manager.
    /// - Returns: the value of that member of the answer.
    func json(_ action: String, _ parameters: JSONText, member: String) async throws -> String {
        let response = try await self.send(
            action,
            to: .certificates,
            parameters.text,
            headers: [
                CurlHeader("Content-Type", "application/x-amz-json-1.1"),
                CurlHeader("X-Amz-Target", "CertificateManager.\(action)"),
            ]
        )
        let members = try? JSONDecoder().decode([String: String].self, from: Data(response.body))
        guard response.status == 200 else {
            let message = members?["message"] ?? members?["Message"]
            throw Self.refusal(of: action, status: response.status, code: members?["__type"], message: message)
        }
        return members?[member] ?? ""
    }

    private func send(
        _ action: String,
        to service: Service,
        _ body: String,
        headers: [CurlHeader]
    ) async throws
        -> CurlResponse
    {
        var request = CurlRequest("POST", "\(self.place.url)/", headers: headers, timeout: .seconds(30))
        if let token = ProcessInfo.processInfo.environment["AWS_SESSION_TOKEN"] {
            request.headers.append(CurlHeader("X-Amz-Security-Token", token))
        }
        request.body = .bytes(Array(body.utf8))
        request.signature = .init(region: self.place.region, service: service.rawValue)
        var tries = 0
        while true {
            switch await self.curl.perform(request) {
            case .failure(let failure):
                throw SubjectFailure.notStarted("\(action): no answer from \(self.place.url): \(failure)")
            case .success(let response):
                // AWS asks callers to slow down, and means that they try again.
                let isThrottled =
                    response.status == 503 || String(decoding: response.body, as: UTF8.self).contains("Throttling")
                guard isThrottled, tries < 5 else { return response }
                tries += 1
                try await Task.sleep(for: .seconds(tries))
            }
        }
    }

    private static func refusal(of action: String, status: Int, code: String?, message: String?) -> any Error {
        let code = code ?? "status \(status)"
        let text = "\(action) is refused: \(code)" + (message.map { ": \($0)" } ?? "")
        let missing: Set<String> = [
            "InvalidAction", "NotImplemented", "OperationNotPermitted", "UnknownOperationException",
            "UnsupportedOperation",
        ]
        return status == 501 || missing.contains(code) ? Inexpressible(text) : SubjectFailure.notStarted(text)
    }
}

/// The query protocol's form of values: lists as `Name.member.1`, structures as `Name.Member`.
enum QueryForm {
    static func text(_ value: JSONText) -> String {
        var fields: [String] = []
        Self.flatten(value, "", into: &fields)
        return fields.joined(separator: "&")
    }

    private static func flatten(_ value: JSONText, _ name: String, into fields: inout [String]) {
        switch value {
        case .object(let members):
            for (key, member) in members { Self.flatten(member, name.isEmpty ? key : "\(name).\(key)", into: &fields) }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                Self.flatten(element, "\(name).member.\(index + 1)", into: &fields)
            }
        case .string(let text): fields.append("\(name)=\(Self.escaped(text))")
        case .number(let number): fields.append("\(name)=\(number)")
        case .boolean(let flag): fields.append("\(name)=\(flag)")
        case .null: break
        }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}
