package import ELBFleet
package import ELBModel
import FoundationEssentials

extension Scene {
    /// Ends the check as failed unless the condition holds.
    package func expect(
        _ condition: Bool,
        tried: @autoclosure () -> String,
        expected: @autoclosure () -> String,
        actual: @autoclosure () -> String,
        evidence: @autoclosure () -> [Finding.Evidence] = []
    ) throws {
        if condition { return }
        throw Problem.broken(tried: tried(), expected: expected(), actual: actual(), evidence: evidence())
    }

    /// The answer, or the check ends: as failed when the subject gave none, as timed out when our limit ran out.
    @discardableResult
    package func answer(_ exchange: Exchange, expected: String = "an answer") throws -> CurlResponse {
        switch exchange.outcome {
        case .success(let response):
            return response
        case .failure(let failure) where failure.kind == .timeout:
            throw Problem.timedOut("no answer within our limit: \(exchange.request.method) \(exchange.request.url)")
        case .failure(let failure) where failure.kind == .notSent:
            throw Problem.uncertain("the request could not be sent: \(failure)")
        case .failure(let failure):
            throw Problem.broken(
                tried: exchange.tried,
                expected: expected,
                actual: "no answer: \(failure.message)",
                evidence: exchange.evidence
            )
        }
    }

    /// Sends a request and expects exactly one backend of the group to read it, and its answer to come back.
    @discardableResult
    package func expect(
        _ method: String = "GET",
        _ path: String,
        headers: [CurlHeader] = [],
        at listener: Endpoint,
        reaches group: SceneGroup,
        configure: (inout CurlRequest) -> Void = { _ in }
    ) async throws -> (response: CurlResponse, record: RequestRecord) {
        let exchange = await self.send(method, path, to: listener, headers: headers, configure: configure)
        return try self.expect(exchange, reached: group)
    }

    /// Expects that exactly one backend of the group read the request, and its answer came back.
    @discardableResult
    package func expect(
        _ exchange: Exchange,
        reached group: SceneGroup
    ) throws -> (
        response: CurlResponse, record: RequestRecord
    ) {
        let response = try self.answer(exchange, expected: "an answer by \(group.name)")
        let names = exchange.hits.map(\.backend.description.name)
        guard let hit = exchange.hits.first, exchange.hits.count == 1,
            group.backends.contains(where: { $0 === hit.backend })
        else {
            throw Problem.broken(
                tried: exchange.tried,
                expected: "the request reaches \(group.name), once",
                actual: names.isEmpty
                    ? "it reached no target; the client got \(response.status)"
                    : "it reached \(names.joined(separator: ", "))",
                evidence: exchange.evidence
            )
        }
        return (response, hit.record)
    }

    /// Sends a request and expects the subject to answer it by itself.
    @discardableResult
    package func expect(
        _ method: String = "GET",
        _ path: String,
        headers: [CurlHeader] = [],
        at listener: Endpoint,
        answers status: Int,
        configure: (inout CurlRequest) -> Void = { _ in }
    ) async throws -> CurlResponse {
        let exchange = await self.send(method, path, to: listener, headers: headers, configure: configure)
        let response = try self.answer(exchange, expected: "\(status) by the load balancer")
        try self.expect(
            response.status == status,
            tried: exchange.tried,
            expected: "\(status) by the load balancer",
            actual: "\(response.status)",
            evidence: exchange.evidence
        )
        try self.expect(
            exchange.hits.isEmpty,
            tried: exchange.tried,
            expected: "no target is contacted",
            actual: "\(exchange.hits.map(\.backend.description.name).joined(separator: ", ")) read the request",
            evidence: exchange.evidence
        )
        return response
    }

    /// Expects two values to be equal.
    package func expect<Value: Equatable>(
        _ what: String,
        of exchange: Exchange,
        _ actual: Value,
        is expected: Value
    ) throws {
        try self.expect(
            actual == expected,
            tried: exchange.tried,
            expected: "\(what): \(Self.show(expected))",
            actual: "\(what): \(Self.show(actual))",
            evidence: exchange.evidence
        )
    }

    /// Optionals without the word.
    static func show(_ value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .optional else { return "\(value)" }
        return mirror.children.first.map { "\($0.value)" } ?? "none"
    }
}

extension Exchange {
    /// `GET http://127.50.1.7:14001/img/a.png`.
    package var tried: String {
        "\(self.request.method) \(self.request.url)"
            + self.request.headers.map { " with \($0.description)" }.joined()
    }

    /// Both sides of the exchange as text.
    package var evidence: [Finding.Evidence] {
        var text = "> \(self.request.method) \(self.request.url)\n"
        for header in self.request.headers { text += "> \(header)\n" }
        switch self.outcome {
        case .failure(let failure): text += "! \(failure)\n"
        case .success(let response):
            text += "< \(response.version) \(response.status) \(response.reason)\n"
            for header in response.headers { text += "< \(header)\n" }
            if !response.body.isEmpty {
                text += "<\n< \(String(decoding: response.body.prefix(512), as: UTF8.self))\n"
            }
        }
        let ordered = self.orderedAnswer.map { [Finding.Evidence("target answers", $0)] } ?? []
        return [Finding.Evidence("client", text)] + ordered + self.hits.map(\.evidence)
    }

    /// What `elb-raw` in the URL has the target answer, to the byte: in base64 nobody could read it.
    private var orderedAnswer: String? {
        guard let start = self.request.url.firstRange(of: "elb-raw=")?.upperBound else { return nil }
        let value = self.request.url[start...].prefix { $0 != "&" }
        let standard = value.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        return Data(base64Encoded: standard + padding).map { String(decoding: $0.prefix(512), as: UTF8.self) }
    }
}

extension Exchange.Hit {
    package var evidence: Finding.Evidence {
        Finding.Evidence("target \(self.backend.description.name)", self.record.rawHead.text)
    }
}
