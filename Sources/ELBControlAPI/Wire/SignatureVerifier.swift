/// Verifies AWS's Signature Version 4 against one key pair. The lab needs no secrets, so it does so only when asked: for a lesson
/// about signatures, and to see that a client signs what it says.
///
/// A request is written down in one canonical way, its digest is signed by a key that is derived from the secret, the day, the Region
/// and the service, and both sides must come to the same number.
package struct SignatureVerifier: Sendable {
    /// A key pair. The lab's own is known to everybody.
    package struct Keys: Hashable, Sendable {
        package var id: String
        package var secret: String

        package init(id: String, secret: String) {
            self.id = id
            self.secret = secret
        }

        /// What `elblab shell` sets.
        package static let lab = Self(id: "elblab", secret: "elblab")
    }

    /// SHA-256 and HMAC-SHA-256, which this module does not have.
    package struct Digests: Sendable {
        var digest: @Sendable (_ message: [UInt8]) -> [UInt8]
        var authenticate: @Sendable (_ message: [UInt8], _ key: [UInt8]) -> [UInt8]

        package init(
            digest: @escaping @Sendable (_ message: [UInt8]) -> [UInt8],
            authenticate: @escaping @Sendable (_ message: [UInt8], _ key: [UInt8]) -> [UInt8]
        ) {
            self.digest = digest
            self.authenticate = authenticate
        }
    }

    private let keys: Keys
    private let digests: Digests

    package init(_ keys: Keys, _ digests: Digests) {
        self.keys = keys
        self.digests = digests
    }

    /// How far a client's clock may be off, in milliseconds.
    private static let tolerance: Int64 = 15 * 60 * 1000

    /// - Parameters:
    ///   - service: whose errors to speak; `nil` where nothing tells it.
    ///   - now: the wall clock, in milliseconds since 1970.
    /// - Throws: AWS's error for a request that is not signed, or not by this key.
    package func verify(_ request: APIRequest, for service: Service?, now: Int64) throws(APIError) {
        let wording = Wording(service)
        guard let header = request.headers["authorization"] else { throw wording.missing }
        guard let claim = Claim(header) else {
            throw wording.incomplete("Authorization header requires 'Credential', 'SignedHeaders' and 'Signature'")
        }
        guard let date = request.headers["x-amz-date"] else {
            throw wording.incomplete("Authorization header requires existence of an 'X-Amz-Date' header")
        }
        guard claim.signedHeaders.contains("host") else {
            throw wording.incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization")
        }
        guard claim.accessKey == self.keys.id else { throw wording.unknownKey }
        guard let signedAt = Self.milliseconds(date), date.prefix(8) == claim.day, claim.end == "aws4_request" else {
            throw wording.mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date")
        }
        let names = service.map(Self.signingNames) ?? [claim.service]
        guard names.contains(claim.service) else {
            throw wording.mismatch("Credential should be scoped to correct service: '\(names[0])'")
        }
        guard abs(now - signedAt) <= Self.tolerance else {
            throw wording.mismatch("Signature expired: \(date.prefix(20)) is not within 15 minutes of the lab's clock")
        }
        guard Self.areEqual(Array(claim.signature.utf8), Array(self.signature(of: request, claim, date).utf8)) else {
            throw wording.mismatch(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
                    + "Key and signing method."
            )
        }
    }

    // MARK: The signature

    private func signature(of request: APIRequest, _ claim: Claim, _ date: String) -> String {
        let canonical = self.canonical(request, claim)
        let scope = "\(claim.day)/\(claim.region)/\(claim.service)/aws4_request"
        let digest = Self.hexadecimal(self.digests.digest(Array(canonical.utf8)))
        let text = "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n\(digest)"
        var key = Array("AWS4\(self.keys.secret)".utf8)
        for part in [claim.day, claim.region, claim.service, "aws4_request"] {
            key = self.digests.authenticate(Array(part.utf8), key)
        }
        return Self.hexadecimal(self.digests.authenticate(Array(text.utf8), key))
    }

    private func canonical(_ request: APIRequest, _ claim: Claim) -> String {
        var lines = [request.method, Self.encode(request.path.isEmpty ? "/" : request.path)]
        lines.append(
            request.query.split(separator: "&").map { $0.contains("=") ? String($0) : "\($0)=" }.sorted()
                .joined(separator: "&")
        )
        for name in claim.signedHeaders {
            let words = (request.headers[name] ?? "").split(separator: " ").joined(separator: " ")
            lines.append("\(name):\(words)")
        }
        lines += ["", claim.signedHeaders.joined(separator: ";")]
        lines.append(Self.hexadecimal(self.digests.digest(request.body)))
        return lines.joined(separator: "\n")
    }

    /// The path as it was sent, encoded once more, as all services but one have it.
    private static func encode(_ path: String) -> String {
        path.utf8.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "%" + Self.hexadecimal([byte]).uppercased()
            }
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.reduce(into: "") { text, byte in
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16)
        }
    }

    /// In the same time wherever they differ.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// `20260101T120000Z` as milliseconds since 1970.
    private static func milliseconds(_ date: String) -> Int64? {
        let digits = Array(date.utf8)
        guard digits.count == 16, digits[8] == UInt8(ascii: "T"), digits[15] == UInt8(ascii: "Z") else { return nil }
        let parts = [0..<4, 4..<6, 6..<8, 9..<11, 11..<13, 13..<15].map { range -> Int64? in
            digits[range].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                ? Int64(String(decoding: digits[range], as: UTF8.self)) : nil
        }
        let numbers = parts.compactMap { $0 }
        guard numbers.count == 6, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else { return nil }
        // Days since 1970 of a date in the Gregorian calendar, the year beginning in March.
        let year = numbers[1] > 2 ? numbers[0] : numbers[0] - 1
        let era = year / 400
        let dayOfYear = (153 * (numbers[1] + (numbers[1] > 2 ? -3 : 9)) + 2) / 5 + numbers[2] - 1
        let yearOfEra = year - era * 400
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return (((days * 24 + numbers[3]) * 60 + numbers[4]) * 60 + numbers[5]) * 1000
    }

    private static func signingNames(_ service: Service) -> [String] {
        switch service {
        case .elbv2, .elb: ["elasticloadbalancing"]
        case .ec2: ["ec2"]
        case .acm: ["acm"]
        case .cloudFormation: ["cloudformation"]
        case .iam: ["iam"]
        case .sts: ["sts"]
        case .zonalShift: ["arc-zonal-shift"]
        }
    }

    // MARK: The claim

    /// `AWS4-HMAC-SHA256 Credential=KEY/DAY/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX`.
    private struct Claim {
        var accessKey: String
        var day: String
        var region: String
        var service: String
        var end: String
        var signedHeaders: [String]
        var signature: String

        init?(_ header: String) {
            let algorithm = "AWS4-HMAC-SHA256"
            guard header.hasPrefix(algorithm) else { return nil }
            var parts: [String: String] = [:]
            for part in header.dropFirst(algorithm.count).split(separator: ",") {
                let halves = part.split(separator: "=", maxSplits: 1)
                guard halves.count == 2 else { return nil }
                parts[String(halves[0].drop { $0 == " " })] = String(halves[1])
            }
            guard let scope = parts["Credential"]?.split(separator: "/"), scope.count == 5,
                let headers = parts["SignedHeaders"], let signature = parts["Signature"]
            else { return nil }
            self.accessKey = String(scope[0])
            self.day = String(scope[1])
            self.region = String(scope[2])
            self.service = String(scope[3])
            self.end = String(scope[4])
            self.signedHeaders = headers.split(separator: ";").map(String.init)
            self.signature = signature
        }
    }

    /// The same refusals in the words of the service's protocol.
    private struct Wording {
        private let form: ServiceModel.Proto

        init(_ service: Service?) { self.form = service?.model.metadata.protocol ?? .query }

        var missing: APIError {
            switch self.form {
            case .query: APIError("MissingAuthenticationToken", "Request is missing Authentication Token", status: 403)
            case .ec2: Self.authFailure
            case .json, .restJSON:
                APIError("MissingAuthenticationTokenException", "Request is missing Authentication Token", status: 400)
            }
        }

        var unknownKey: APIError {
            let text = "The security token included in the request is invalid."
            return switch self.form {
            case .query: APIError("InvalidClientTokenId", text, status: 403)
            case .ec2: Self.authFailure
            case .json, .restJSON: APIError("UnrecognizedClientException", text, status: 400)
            }
        }

        func incomplete(_ text: String) -> APIError {
            switch self.form {
            case .query: APIError("IncompleteSignature", text, status: 403)
            case .ec2: Self.authFailure
            case .json, .restJSON: APIError("IncompleteSignatureException", text, status: 400)
            }
        }

        func mismatch(_ text: String) -> APIError {
            switch self.form {
            case .query: APIError("SignatureDoesNotMatch", text, status: 403)
            case .ec2: Self.authFailure
            case .json, .restJSON: APIError("InvalidSignatureException", text, status: 400)
            }
        }

        /// EC2 tells nothing of why.
        private static let authFailure = APIError(
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
            status: 401
        )
    }
}
