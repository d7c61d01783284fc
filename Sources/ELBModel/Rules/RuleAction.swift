/// What a listener does with a request: one routing action, and before it, on HTTPS listeners, at most one that asks who sent
/// the request (ALB-RULE-016).
package enum RuleAction: Hashable, Codable, Sendable {
    case authenticateOIDC(AuthenticateOIDCAction)
    case authenticateCognito(AuthenticateCognitoAction)
    case jwtValidation(JWTValidationAction)
    case forward(ForwardAction)
    case redirect(RedirectAction)
    case fixedResponse(FixedResponseAction)

    /// The API's `Type`.
    package var type: String {
        switch self {
        case .authenticateOIDC: "authenticate-oidc"
        case .authenticateCognito: "authenticate-cognito"
        case .jwtValidation: "jwt-validation"
        case .forward: "forward"
        case .redirect: "redirect"
        case .fixedResponse: "fixed-response"
        }
    }

    /// Whether it decides where the request goes; the others only decide whether it goes on.
    package var isRouting: Bool {
        switch self {
        case .forward, .redirect, .fixedResponse: true
        case .authenticateOIDC, .authenticateCognito, .jwtValidation: false
        }
    }
}

/// Sends the request to a target of one of up to five groups, chosen by weight (ALB-FWD-002 to -005).
package struct ForwardAction: Hashable, Codable, Sendable {
    package var targetGroups: [WeightedTargetGroup]
    /// `TargetGroupStickinessConfig`: a client stays with the group it got, whatever the weights (ALB-FWD-012).
    package var stickiness: Stickiness

    package init(targetGroups: [WeightedTargetGroup], stickiness: Stickiness = .off) {
        self.targetGroups = targetGroups
        self.stickiness = stickiness
    }

    /// Forward everything to one group.
    package init(to targetGroup: TargetGroupID) {
        self.init(targetGroups: [WeightedTargetGroup(targetGroup, weight: 1)])
    }

    package struct WeightedTargetGroup: Hashable, Codable, Sendable {
        package var targetGroup: TargetGroupID
        /// 0 to 999; the share is weight over the sum of weights (ALB-FWD-003, -004).
        package var weight: Int

        package init(_ targetGroup: TargetGroupID, weight: Int) {
            self.targetGroup = targetGroup
            self.weight = weight
        }
    }

    /// Whether a client is bound to its group, and for how long.
    package struct Stickiness: Hashable, Codable, Sendable {
        package var isEnabled: Bool
        /// 1 to 604800; must be there when stickiness is on (ALB-FWD-010).
        package var durationSeconds: Int?

        package init(isEnabled: Bool, durationSeconds: Int? = nil) {
            self.isEnabled = isEnabled
            self.durationSeconds = durationSeconds
        }

        package static let off = Self(isEnabled: false)
    }
}

/// Answers with a Location built from the request and these templates (ALB-RDR-002). `nil` keeps the request's part.
package struct RedirectAction: Hashable, Codable, Sendable {
    /// `HTTP`, `HTTPS` or `#{protocol}`.
    package var `protocol`: String?
    package var host: String?
    package var port: String?
    /// Starts with `/`.
    package var path: String?
    /// Without the leading `?`.
    package var query: String?
    package var statusCode: StatusCode

    package init(
        protocol: String? = nil,
        host: String? = nil,
        port: String? = nil,
        path: String? = nil,
        query: String? = nil,
        statusCode: StatusCode
    ) {
        self.protocol = `protocol`
        self.host = host
        self.port = port
        self.path = path
        self.query = query
        self.statusCode = statusCode
    }

    /// The two codes AWS allows (ALB-RDR-001); the raw value is the API's.
    package enum StatusCode: String, Hashable, Codable, Sendable, CaseIterable {
        case movedPermanently = "HTTP_301"
        case found = "HTTP_302"

        /// 301 or 302.
        package var number: Int {
            switch self {
            case .movedPermanently: 301
            case .found: 302
            }
        }
    }
}

/// Answers by itself; no target is contacted (ALB-FIX-005).
package struct FixedResponseAction: Hashable, Codable, Sendable {
    /// 2xx, 4xx or 5xx (ALB-FIX-001).
    package var statusCode: Int
    /// One of AWS's five types (ALB-FIX-003).
    package var contentType: String?
    /// At most 1024 characters (ALB-FIX-002).
    package var messageBody: String?

    package init(statusCode: Int, contentType: String? = nil, messageBody: String? = nil) {
        self.statusCode = statusCode
        self.contentType = contentType
        self.messageBody = messageBody
    }
}
