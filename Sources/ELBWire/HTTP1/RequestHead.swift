/// A request head as ranges over its bytes. One value is kept per connection and reused, so that a request allocates
/// nothing that grows with the number of its fields.
package struct RequestHead: ~Copyable, Sendable {
    package var method = ByteRange(0, 0)
    /// The request target as sent.
    package var target = ByteRange(0, 0)
    /// The target's path: up to `?` or `#`; for absolute-form, what follows the authority (may be empty, meaning `/`).
    package var path = ByteRange(0, 0)
    /// What follows the first `?`, up to `#`. `nil` without a `?` (ALB-COND-026).
    package var query: ByteRange?
    /// The authority of an absolute-form target (`GET http://host/ …`), port included.
    package var authority: ByteRange?
    package var form: TargetForm = .origin
    package var version: HTTPVersion = .http11
    /// In the order sent. Reused with its capacity.
    package var fields: [HeaderFieldRange] = []
    /// Index in `fields` of the first Host field (ALB-COND-008).
    package var hostIndex: Int?
    /// Length of the whole head, the empty line included.
    package var length = 0
    /// The method, as far as the balancer treats it specially.
    package var knownMethod: KnownMethod = .other
    /// The body's length and the connection's fate, as the fields say.
    package var framing = MessageFraming()
    /// Everything odd that was seen, the framing's findings included once the head is complete.
    package var findings: HeadFindings = []

    package init() {
        self.fields.reserveCapacity(32)
    }

    /// Makes the value ready for another head; keeps its storage.
    package mutating func reset() {
        self.method = ByteRange(0, 0)
        self.target = ByteRange(0, 0)
        self.path = ByteRange(0, 0)
        self.query = nil
        self.authority = nil
        self.form = .origin
        self.version = .http11
        self.fields.removeAll(keepingCapacity: true)
        self.hostIndex = nil
        self.length = 0
        self.knownMethod = .other
        self.framing = MessageFraming()
        self.findings = []
    }

    /// The four forms of a request target (RFC 9112, section 3.2).
    package enum TargetForm: UInt8, Hashable, Sendable {
        case origin
        case absolute
        case authority
        case asterisk
    }

    /// Methods with rules of their own.
    package enum KnownMethod: UInt8, Hashable, Sendable {
        case get
        case head
        case post
        case put
        case delete
        case options
        case trace
        case connect
        case other

        /// Whether sending the request twice does what sending it once does (RFC 9110, section 9.2.2).
        package var isIdempotent: Bool {
            switch self {
            case .get, .head, .put, .delete, .options, .trace: true
            case .post, .connect, .other: false
            }
        }
    }
}
