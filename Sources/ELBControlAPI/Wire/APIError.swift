package import ELBModel

/// What AWS answers in place of a result: a code for programs and a sentence for people.
package struct APIError: Error, Hashable, Sendable {
    package var code: String
    package var message: String
    /// HTTP's status; `nil` leaves it to the service model, which says 400 for nearly all.
    package var status: Int?
    /// The member `reason` that some services add.
    package var reason: String?

    package init(_ code: String, _ message: String, status: Int? = nil, reason: String? = nil) {
        self.reason = reason
        self.code = code
        self.message = message
        self.status = status
    }

    /// The model's judgement as AWS words it. What the lab does not have is an operation that is not permitted here: a clear no
    /// is worth more than a setting that is stored and ignored.
    package init(_ error: ModelError) {
        switch error.code {
        case .notInLab: self.init("OperationNotPermitted", error.message)
        default: self.init(error.code.rawValue, error.message)
        }
    }

    /// A parameter or a value that AWS has and the lab has not.
    package static func notInLab(_ what: String) -> Self {
        Self("OperationNotPermitted", "\(what) is real at AWS, but not in the lab")
    }

    package static func validation(_ message: String) -> Self { Self("ValidationError", message) }
}
