/// Lets requests on only with a valid token (ALB-JWT-001): the access tokens of machines, `Authorization: Bearer …`.
package struct JWTValidationAction: Hashable, Codable, Sendable {
    /// Where the issuer's public keys are (ALB-JWT-002).
    package var jwksEndpoint: String
    /// What `iss` must be.
    package var issuer: String
    /// Checked besides `iss`, `exp`, `nbf` and `iat`; at most ten.
    package var additionalClaims: [AdditionalClaim]

    package init(jwksEndpoint: String, issuer: String, additionalClaims: [AdditionalClaim] = []) {
        self.jwksEndpoint = jwksEndpoint
        self.issuer = issuer
        self.additionalClaims = additionalClaims
    }

    /// A claim that must hold one of the values (ALB-JWT-006).
    package struct AdditionalClaim: Hashable, Codable, Sendable {
        package var name: String
        package var format: Format
        package var values: [String]

        package init(name: String, format: Format, values: [String]) {
            self.name = name
            self.format = format
            self.values = values
        }

        /// How the claim is written in the token; the raw value is the API's.
        package enum Format: String, Hashable, Codable, Sendable, CaseIterable {
            /// The claim is one of the values.
            case singleString = "single-string"
            /// An array that holds all of them.
            case stringArray = "string-array"
            /// A text of words that holds all of them, as `scope` does.
            case spaceSeparatedValues = "space-separated-values"
        }
    }

    /// Checked anyway, so not to be listed (ALB-JWT-005).
    package static let reservedClaims: Set = ["exp", "iss", "nbf", "iat"]
}
