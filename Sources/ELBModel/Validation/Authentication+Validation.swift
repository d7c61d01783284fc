extension AuthenticateOIDCAction {
    /// Everything must be given, and the endpoints must be full URLs (ALB-AUTH-002). Whether their names resolve and their
    /// certificates are good, only the first login shows (ALB-AUTH-012).
    func validate(_ validator: inout Validator) {
        validator.require(length: 1...1024, of: self.issuer, what: "The issuer", at: "Issuer")
        validator.require(length: 1...1024, of: self.clientID, what: "The client id", at: "ClientId")
        let endpoints = [
            ("AuthorizationEndpoint", self.authorizationEndpoint), ("TokenEndpoint", self.tokenEndpoint),
            ("UserInfoEndpoint", self.userInfoEndpoint),
        ]
        for (property, url) in endpoints { validator.require(httpsURL: url, at: property) }
        switch (self.clientSecret, self.usesExistingClientSecret) {
        case (nil, false):
            validator.report(.validationError, "A client secret must be given", at: "ClientSecret")
        case (nil, true):
            // A template describes the whole; there is no earlier secret in the lab.
            validator.report(
                .notInLab,
                "UseExistingClientSecret needs a rule that exists already; give ClientSecret here",
                at: "UseExistingClientSecret"
            )
        case (.some, true):
            validator.report(
                .validationError,
                "ClientSecret and UseExistingClientSecret exclude each other",
                at: "UseExistingClientSecret"
            )
        case (.some(let secret), false):
            validator.require(length: 1...1024, of: secret, what: "The client secret", at: "ClientSecret")
        }
        self.session.validate(&validator)
    }
}

extension AuthenticateCognitoAction {
    /// ALB-AUTH-003.
    func validate(_ validator: inout Validator) {
        if self.pool == nil {
            validator.report(
                .validationError,
                "'\(self.userPoolARN)' is not the ARN of a Cognito user pool",
                at: "UserPoolArn"
            )
        }
        validator.require(length: 1...128, of: self.userPoolClientID, what: "The client id", at: "UserPoolClientId")
        validator.require(length: 1...253, of: self.userPoolDomain, what: "The domain", at: "UserPoolDomain")
        validator.require(
            characters: Characters.alphanumerics(and: "-."),
            of: self.userPoolDomain,
            what: "The domain of a user pool, a prefix or a whole name without protocol,",
            at: "UserPoolDomain"
        )
        self.session.validate(&validator)
    }
}

extension AuthenticationSession {
    /// ALB-AUTH-004.
    package static let timeouts = 1...Self.longestTimeout
    /// Parameters that may be added to the authorization request (ALB-AUTH-004).
    package static let mostExtraParameters = 10

    /// Parameters of the authorization request that are the load balancer's own.
    private static let ownParameters: Set = ["client_id", "redirect_uri", "response_type", "scope", "state"]

    func validate(_ validator: inout Validator) {
        validator.require(length: 1...256, of: self.cookieName, what: "The cookie's name", at: "SessionCookieName")
        // A cookie's name is a token (RFC 6265, section 4.1.1).
        validator.require(
            characters: Characters.alphanumerics(and: "!#$%&'*+-.^_`|~"),
            of: self.cookieName,
            what: "The cookie's name",
            at: "SessionCookieName"
        )
        validator.require(length: 1...1024, of: self.scope, what: "The scope", at: "Scope")
        validator.require(characters: Characters.isVisible, of: self.scope, what: "The scope", at: "Scope")
        validator.require(self.timeoutSeconds, in: Self.timeouts, "SessionTimeout", unit: "seconds")
        if self.extraParameters.count > Self.mostExtraParameters {
            validator.report(
                .validationError,
                "At most \(Self.mostExtraParameters) extra parameters can be given",
                at: "AuthenticationRequestExtraParams"
            )
        }
        for parameter in self.extraParameters where Self.ownParameters.contains(parameter.name) {
            validator.report(
                .validationError,
                "The parameter '\(parameter.name)' is set by the load balancer",
                at: "AuthenticationRequestExtraParams.\(parameter.name)"
            )
        }
    }
}

extension JWTValidationAction {
    /// ALB-JWT-002, -006.
    package static let mostAdditionalClaims = 10
    package static let mostValues = 10
    package static let lengths = 1...256

    func validate(_ validator: inout Validator) {
        validator.require(httpsURL: self.jwksEndpoint, at: "JwksEndpoint")
        validator.require(length: Self.lengths, of: self.jwksEndpoint, what: "The URL", at: "JwksEndpoint")
        validator.require(length: Self.lengths, of: self.issuer, what: "The issuer", at: "Issuer")
        if self.additionalClaims.count > Self.mostAdditionalClaims {
            validator.report(
                .validationError,
                "At most \(Self.mostAdditionalClaims) additional claims can be validated",
                at: "AdditionalClaims"
            )
        }
        validator.each("AdditionalClaims", self.additionalClaims) { $1.validate(&$0) }
    }
}

extension JWTValidationAction.AdditionalClaim {
    func validate(_ validator: inout Validator) {
        validator.require(length: JWTValidationAction.lengths, of: self.name, what: "A claim's name", at: "Name")
        if JWTValidationAction.reservedClaims.contains(self.name) {
            validator.report(
                .validationError,
                "The claim '\(self.name)' is validated by default and cannot be listed",
                at: "Name"
            )
        }
        if self.values.isEmpty || self.values.count > JWTValidationAction.mostValues {
            validator.report(
                .validationError,
                "A claim must have 1 to \(JWTValidationAction.mostValues) values, not \(self.values.count)",
                at: "Values"
            )
        }
        for (index, value) in self.values.enumerated() {
            let place = "Values[\(index)]"
            validator.require(length: JWTValidationAction.lengths, of: value, what: "A claim's value", at: place)
            if self.format == .spaceSeparatedValues, value.contains(" ") {
                validator.report(.validationError, "A space-separated value cannot contain spaces", at: place)
            }
        }
    }
}

extension Validator {
    /// Notes a `ValidationError` unless the text is a full HTTPS URL with a host and a path.
    mutating func require(httpsURL text: String, at property: String) {
        guard let url = WebURL(text), url.scheme == .https else {
            self.report(
                .validationError,
                "The URL must be a full one with https, a domain and a path, not '\(text.prefix(200))'",
                at: property
            )
            return
        }
    }
}
