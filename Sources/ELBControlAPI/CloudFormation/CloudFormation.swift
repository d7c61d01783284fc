package import ELBModel

/// The commands of CloudFormation: stacks from templates, directly or through change sets.
package enum CloudFormation {
    /// What a stack shall be made from.
    package struct Request: Hashable, Sendable {
        /// `nil` takes the stack's own.
        package var template: String?
        package var parameters: [ParameterChoice]
        /// `nil` leaves the stack's as they are.
        package var tags: [ResourceTag]?
        package var capabilities: [String]

        /// AWS's limit for templates that stand in the request; longer ones come from S3 there.
        private static let longestTemplate = 51_200

        init(_ input: inout CommandInput) throws(APIError) {
            self.template = try Self.template(&input)
            let keepsTemplate = input.boolean("UsePreviousTemplate") ?? false
            guard (self.template != nil) != keepsTemplate else {
                throw .validation(
                    keepsTemplate
                        ? "You cannot specify both usePreviousTemplate and Template Body/Template URL."
                        : "Either Template URL or Template Body must be specified."
                )
            }
            self.parameters = []
            for var choice in input.structures("Parameters") ?? [] {
                self.parameters.append(
                    ParameterChoice(
                        key: try choice.required("ParameterKey"),
                        value: choice.text("ParameterValue"),
                        keepsValue: choice.boolean("UsePreviousValue") ?? false
                    )
                )
                try choice.finish()
            }
            self.tags = input.list("Tags") == nil ? nil : try input.tags("Tags")
            self.capabilities = input.texts("Capabilities") ?? []
            // Their effect is at AWS only: the lab asks nobody for permission, and a call that is repeated finds the stack.
            input.accepts("RoleARN", "ClientRequestToken", "ClientToken", "TimeoutInMinutes", "RetainExceptOnCreate")
            if input.list("NotificationARNs")?.isEmpty == false { throw .notInLab("'NotificationARNs'") }
            if input.boolean("DisableRollback") == true { throw .notInLab("'DisableRollback' with true") }
        }

        static func template(_ input: inout CommandInput) throws(APIError) -> String? {
            if input.text("TemplateURL") != nil {
                throw .notInLab("A template in S3 ('TemplateURL'); the lab takes 'TemplateBody', up to 51,200 bytes")
            }
            guard let template = input.text("TemplateBody") else { return nil }
            guard template.utf8.count <= Self.longestTemplate else {
                throw .validation(
                    "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
                        + "Member must have length less than or equal to \(Self.longestTemplate)"
                )
            }
            return template
        }
    }

    /// A parameter's value, or the wish to leave it as it is.
    package struct ParameterChoice: Hashable, Sendable {
        package var key: String
        package var value: String?
        package var keepsValue: Bool
    }
}

package protocol CloudFormationCommand: Command {}

extension CloudFormationCommand {
    package static var service: Service { .cloudFormation }
}

extension APIError {
    /// Mistakes of a template, each with its line.
    package init(_ error: DiagnosticsError) {
        let lines = error.diagnostics.map { diagnostic in
            let place = diagnostic.location.map { "line \($0.line), column \($0.column): " } ?? ""
            let advice = diagnostic.suggestion.map { "; \($0)" } ?? ""
            return "\(place)\(diagnostic.message)\(advice)"
        }
        self = .validation("Template validation error: \(lines.joined(separator: "\n"))")
    }
}
