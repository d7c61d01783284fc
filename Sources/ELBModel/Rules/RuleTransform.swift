/// A change that a rule makes to the requests it takes, after it has been matched and before the target sees them
/// (ALB-XFRM-009).
package struct RuleTransform: Hashable, Codable, Sendable {
    package var kind: Kind
    /// One; the API has a list.
    package var rewrites: [Rewrite]

    package init(_ kind: Kind, rewrites: [Rewrite]) {
        self.kind = kind
        self.rewrites = rewrites
    }

    /// One rewrite of the host or of the URL.
    package init(_ kind: Kind, regex: String, replace: String) {
        self.init(kind, rewrites: [Rewrite(regex: regex, replace: replace)])
    }

    /// What is changed; the raw value is the API's `Type`.
    package enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
        case hostHeaderRewrite = "host-header-rewrite"
        /// Path and query, never scheme or port (ALB-XFRM-005).
        case urlRewrite = "url-rewrite"
    }

    /// Puts a text in the place of the first stretch that an expression matches (ALB-XFRM-002).
    package struct Rewrite: Hashable, Codable, Sendable {
        package var regex: String
        /// `$1` and `$2` stand for what the groups of the expression have captured.
        package var replace: String

        package init(regex: String, replace: String) {
            self.regex = regex
            self.replace = replace
        }
    }
}
