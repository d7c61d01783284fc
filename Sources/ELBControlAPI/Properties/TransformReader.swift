import ELBModel

/// Reads a rule's transforms, in CloudFormation's shape.
enum TransformReader {
    static func transforms(_ reader: inout ObjectReader) -> [RuleTransform] {
        (reader.objects("Transforms", as: "a transform") ?? []).compactMap(Self.transform)
    }

    private static func transform(_ source: ObjectReader) -> RuleTransform? {
        var reader = source
        reader.requires("Type")
        let kind = reader.choice("Type", as: RuleTransform.Kind.self)
        let host = reader.object("HostHeaderRewriteConfig", as: "HostHeaderRewriteConfig")
        let url = reader.object("UrlRewriteConfig", as: "UrlRewriteConfig")
        reader.finish()
        guard let kind else { return nil }
        let (own, other) =
            switch kind {
            case .hostHeaderRewrite: ((name: "HostHeaderRewriteConfig", config: host), "UrlRewriteConfig")
            case .urlRewrite: ((name: "UrlRewriteConfig", config: url), "HostHeaderRewriteConfig")
            }
        if let stray = reader.value[other] {
            reader.collector.error("'\(other)' does not belong to Type '\(kind.rawValue)'", at: stray.location)
        }
        guard let config = own.config else {
            reader.requires(own.name)
            return nil
        }
        return RuleTransform(kind, rewrites: Self.rewrites(config))
    }

    private static func rewrites(_ source: ObjectReader) -> [RuleTransform.Rewrite] {
        var reader = source
        reader.requires("Rewrites")
        let rewrites = (reader.objects("Rewrites", as: "a rewrite") ?? []).compactMap { source in
            var reader = source
            reader.requires("Regex", "Replace")
            let regex = reader.text("Regex")
            let replace = reader.text("Replace")
            reader.finish()
            guard let regex, let replace else { return RuleTransform.Rewrite?.none }
            return RuleTransform.Rewrite(regex: regex.value, replace: replace.value)
        }
        reader.finish()
        return rewrites
    }
}
