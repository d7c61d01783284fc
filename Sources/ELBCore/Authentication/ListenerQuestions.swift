package import ELBModel
package import ELBWire

/// What a rule asks about the sender before it routes (ALB-RULE-016), compiled.
package enum CompiledQuestion: Sendable {
    case login(CompiledLogin)
    case token(CompiledTokenCheck)
}

/// The questions of a listener's rules. Empty on most listeners, which costs their requests one test.
package struct ListenerQuestions: Sendable {
    /// One for each of the listener's actions.
    private var byAction: [CompiledQuestion?] = []
    /// Those that may have sent a user to the callback's path.
    package private(set) var logins: [CompiledLogin] = []
    package private(set) var isEmpty = true

    init() {}

    /// Compiles the question among a rule's actions, if there is one, for the next of the listener's actions.
    mutating func append(_ actions: [RuleAction], quirks: AuthenticationQuirks) throws(ModelError) {
        guard let action = actions.first(where: { !$0.isRouting }) else {
            self.byAction.append(nil)
            return
        }
        self.isEmpty = false
        switch action {
        case .authenticateOIDC(let provider):
            try self.append(login: provider, quirks: quirks)
        case .authenticateCognito(let pool):
            try self.append(login: pool.asOIDC, quirks: quirks)
        case .jwtValidation(let validation):
            self.byAction.append(.token(try CompiledTokenCheck(validation, quirks: quirks)))
        case .forward, .redirect, .fixedResponse:
            preconditionFailure("a routing action is no question: \(action.type)")
        }
    }

    private mutating func append(login: AuthenticateOIDCAction, quirks: AuthenticationQuirks) throws(ModelError) {
        let compiled = try CompiledLogin(login, quirks: quirks)
        self.byAction.append(.login(compiled))
        self.logins.append(compiled)
    }

    /// Where keys are asked for.
    package var jwksEndpoints: [WebURL] {
        self.byAction.compactMap { question in
            if case .token(let check) = question { check.jwksEndpoint } else { nil }
        }
    }

    /// What the rule that took a request asks.
    package func question(of match: RuleMatch) -> CompiledQuestion? {
        self.byAction[match.action]
    }

    /// Whether a request brings a user back from the provider (ALB-AUTH-006). Listeners without logins know no such path.
    package func isCallback(_ head: borrowing RequestHead, bytes: Span<UInt8>) -> Bool {
        guard !self.logins.isEmpty, head.path.count == CompiledLogin.callbackPath.utf8CodeUnitCount else {
            return false
        }
        let path = bytes.extracting(head.path.range)
        for index in path.indices where path[index] != CompiledLogin.callbackPath.utf8Start[index] { return false }
        return true
    }
}

extension ErrorReason {
    /// Which of the metrics counts what went wrong (ALB-AUTH-028, ALB-MET-021, -022).
    package enum AuthenticationMetric: Hashable, Sendable {
        /// ELBAuthError: the load balancer or the provider's endpoints.
        case error
        /// ELBAuthFailure: the user, or what the provider says of him.
        case failure
        /// ELBAuthUserClaimsSizeExceeded.
        case userClaimsSizeExceeded
        /// JWTValidationFailureCount.
        case tokenFailure
    }

    /// `nil` for reasons that have nothing to do with authentication.
    package var authenticationMetric: AuthenticationMetric? { Self.authenticationMetrics[self] }

    private static let authenticationMetrics: [Self: AuthenticationMetric] = [
        .authInvalidCookie: .failure, .authInvalidGrantError: .failure, .authInvalidIDToken: .failure,
        .authInvalidStateParam: .failure, .authInvalidTokenResponse: .failure,
        .authInvalidUserinfoResponse: .failure, .authMissingCodeParam: .failure, .authMissingStateParam: .failure,

        .authMissingHostHeader: .error, .authTokenEpRequestFailed: .error, .authTokenEpRequestTimeout: .error,
        .authUnhandledException: .error, .authUserinfoEpRequestFailed: .error,
        .authUserinfoEpRequestTimeout: .error,

        .authUserinfoResponseSizeExceeded: .userClaimsSizeExceeded,

        .jwtHeaderNotPresent: .tokenFailure, .jwtRequestFormatInvalid: .tokenFailure,
        .jwtSignatureValidationFailed: .tokenFailure, .jwtClaimNotPresent: .tokenFailure,
        .jwtClaimFormatInvalid: .tokenFailure, .jwtClaimValueInvalid: .tokenFailure,
        .jwksRequestFailed: .tokenFailure, .jwksRequestTimeout: .tokenFailure,
        .jwksResponseInvalid: .tokenFailure, .jwksResponseSizeExceeded: .tokenFailure,
    ]
}
