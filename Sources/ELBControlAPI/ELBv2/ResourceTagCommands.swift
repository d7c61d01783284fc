package import ELBModel

extension ELBv2 {
    package struct AddTags: ELBv2Command {
        package var arns: [String]
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arns = try TaggedResources.arns(&input)
            self.tags = try input.tags("Tags")
        }
    }

    package struct RemoveTags: ELBv2Command {
        package var arns: [String]
        package var keys: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arns = try TaggedResources.arns(&input)
            self.keys = input.texts("TagKeys") ?? []
        }
    }

    package struct DescribeTags: ELBv2Command {
        package var arns: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arns = try TaggedResources.arns(&input)
        }
    }
}

private enum TaggedResources {
    /// AWS's limit for one call.
    static let most = 20

    static func arns(_ input: inout CommandInput) throws(APIError) -> [String] {
        let arns = input.texts("ResourceArns") ?? []
        guard !arns.isEmpty else { throw .validation("At least one resource ARN must be specified") }
        guard arns.count <= Self.most else {
            throw .validation("At most \(Self.most) resource ARNs can be specified, not \(arns.count)")
        }
        return arns
    }
}

extension WireValue {
    /// One resource of DescribeTags.
    package static func tagDescription(_ arn: String, _ tags: [ResourceTag]) -> Self {
        ["ResourceArn": .text(arn), "Tags": .tags(tags)]
    }
}
