extension RuleTransform {
    /// Characters of an expression or a replacement (ALB-XFRM-002).
    package static let longestText = 1024

    func validate(_ validator: inout Validator) {
        let property =
            switch self.kind {
            case .hostHeaderRewrite: "HostHeaderRewriteConfig"
            case .urlRewrite: "UrlRewriteConfig"
            }
        validator.at(property) { validator in
            guard self.rewrites.count == 1 else {
                validator.report(.validationError, "A transform must have exactly one rewrite", at: "Rewrites")
                return
            }
            validator.each("Rewrites", self.rewrites) { $1.validate(&$0) }
        }
    }
}

extension RuleTransform.Rewrite {
    func validate(_ validator: inout Validator) {
        validator.require(
            length: 1...RuleTransform.longestText,
            of: self.regex,
            what: "A regular expression",
            at: "Regex"
        )
        validator.require(
            length: 0...RuleTransform.longestText,
            of: self.replace,
            what: "A replacement",
            at: "Replace"
        )
        validator.require(
            characters: Characters.isVisible,
            of: self.replace,
            what: "A replacement",
            at: "Replace"
        )
        // How large an expression is shows when it is used, as AWS's log tells it (ALB-XFRM-011).
        var parser = RegexParser(self.regex, foldsCase: false)
        do throws(ModelError) {
            _ = try parser.parseOfAnySize()
        } catch {
            validator.report(error.code, error.message, at: "Regex")
        }
    }
}

extension ListenerRule {
    /// At most one of each kind (ALB-XFRM-001).
    func validateTransforms(_ validator: inout Validator) {
        validator.each("Transforms", self.transforms) { $1.validate(&$0) }
        for kind in RuleTransform.Kind.allCases {
            let places = self.transforms.indices.filter { self.transforms[$0].kind == kind }
            guard places.count > 1 else { continue }
            validator.report(
                .validationError,
                "A rule can have only one '\(kind.rawValue)' transform",
                at: "Transforms[\(places[1])]"
            )
        }
    }
}
