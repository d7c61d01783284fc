package import ELBModel

extension EC2 {
    package struct CreateTags: EC2Command {
        package var resources: [String]
        package var tags: [ResourceTag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.resources = input.texts("Resources") ?? []
            self.tags = try input.tags("Tags")
            try input.refuseDryRun()
        }
    }

    package struct DeleteTags: EC2Command {
        package struct Tag: Hashable, Sendable {
            package var key: String
            /// `nil` deletes the tag whatever its value is.
            package var value: String?
        }

        package var resources: [String]
        /// Without any all tags go.
        package var tags: [Tag]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.resources = input.texts("Resources") ?? []
            self.tags = []
            for var tag in input.structures("Tags") ?? [] {
                self.tags.append(Tag(key: try tag.required("Key"), value: tag.text("Value")))
            }
            try input.refuseDryRun()
        }
    }

    package struct DescribeTags: EC2Command {
        package var filters: ResourceFilters

        package init(_ input: inout CommandInput) throws(APIError) {
            self.filters = ResourceFilters(&input)
            try input.wholeList()
        }
    }
}

extension WireValue {
    package static func tag(_ tag: ResourceTag, of id: String, type: String) -> Self {
        [
            "Key": .text(tag.key), "Value": .text(tag.value), "ResourceId": .text(id), "ResourceType": .text(type),
        ]
    }
}
