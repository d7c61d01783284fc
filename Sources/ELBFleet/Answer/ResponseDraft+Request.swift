import ELBModel
import FoundationEssentials

extension ResponseDraft {
    /// The ordinary answer of a backend to a request, with what its switches and its fault change. Says nothing of the
    /// version of HTTP that it will be sent by.
    init(_ request: AnswerPlan.Request, by backend: BackendDescription) {
        let switches = request.switches
        self.init(
            status: Self.status(of: request, backend.behaviour),
            body: Self.body(of: request, by: backend)
        )
        if let answer = Self.providerAnswer(to: request, by: backend) {
            self.status = switches.status ?? answer.status
            self.body = switches.bodyBytes.map { AnswerPlan.pattern($0) } ?? Array(answer.body.utf8)
            self.contentType = answer.contentType
            self.fields = answer.fields
        }
        self.isForHead = request.record.method == "HEAD"
        self.version = request.record.version
        self.fields = [RecordedField(name: "X-Backend", value: backend.name)] + self.fields + switches.fields
        if request.record.path == AnswerPlan.echoPath { self.contentType = "application/json" }
        self.isChunked = switches.isChunked
        self.trailers = switches.trailers
        self.truncatedTo = switches.truncatedTo
        if request.fault == .truncate { self.truncatedTo = self.body.count / 2 }
        self.closes = !request.keepsAlive || switches.closes
    }

    /// What an identity provider answers, where no fault and no switch comes first.
    private static func providerAnswer(
        to request: AnswerPlan.Request,
        by backend: BackendDescription
    ) -> IdentityProvider.Answer? {
        guard backend.behaviour.speaks == .oidc else { return nil }
        if case .fail = request.fault { return nil }
        return IdentityProvider(backend, request.record).answer
    }

    private static func status(of request: AnswerPlan.Request, _ behaviour: BackendBehaviour) -> Int {
        if case .fail(let status) = request.fault { return status }
        if let status = request.switches.status { return status }
        let isHealthPath = behaviour.healthPaths.contains(request.record.path)
        return isHealthPath ? behaviour.healthStatus ?? behaviour.status : behaviour.status
    }

    private static func body(of request: AnswerPlan.Request, by backend: BackendDescription) -> [UInt8] {
        let ordinary = "\(backend.name) zone \(backend.zone.letter)\n"
        if case .fail(let status) = request.fault {
            return Array("\(backend.name) zone \(backend.zone.letter): fault, status \(status)\n".utf8)
        }
        if let count = request.switches.bodyBytes { return AnswerPlan.pattern(count) }
        if request.record.path == AnswerPlan.echoPath { return Self.echo(request.record) }
        return Array((backend.behaviour.body ?? ordinary).utf8)
    }

    private static func echo(_ record: RequestRecord) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        // A record holds texts, numbers and base64 only; none of them fails to encode.
        guard let data = try? encoder.encode(record) else { return [] }
        return Array(data) + [UInt8(ascii: "\n")]
    }
}
