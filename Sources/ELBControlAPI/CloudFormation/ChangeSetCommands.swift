extension CloudFormation {
    package struct CreateChangeSet: CloudFormationCommand {
        package var stack: String
        package var name: String
        package var detail: String?
        /// Whether the stack is new.
        package var creates: Bool
        package var request: Request

        package init(_ input: inout CommandInput) throws(APIError) {
            self.stack = try input.required("StackName")
            self.name = try input.required("ChangeSetName")
            self.detail = input.text("Description")
            let type = input.text("ChangeSetType") ?? "UPDATE"
            guard type != "IMPORT" else { throw .notInLab("'IMPORT' for ChangeSetType") }
            self.creates = type == "CREATE"
            self.request = try Request(&input)
            if input.boolean("ImportExistingResources") == true {
                throw .notInLab("'ImportExistingResources' with true")
            }
            // CDK asks for them always; a template of the lab has none.
            input.accepts("IncludeNestedStacks")
            // What fails is rolled back, always.
            try input.only("OnStackFailure", "ROLLBACK")
        }
    }

    /// Which change set: by its ARN, or by its name and its stack.
    package struct ChangeSetReference: Hashable, Sendable {
        package var changeSet: String
        package var stack: String?

        package init(changeSet: String, stack: String?) {
            self.changeSet = changeSet
            self.stack = stack
        }

        init(_ input: inout CommandInput) throws(APIError) {
            self.changeSet = try input.required("ChangeSetName")
            self.stack = input.text("StackName")
            guard self.stack != nil || self.changeSet.hasPrefix("arn:") else {
                throw .validation("StackName must be specified if ChangeSetName is not specified as an ARN.")
            }
        }
    }

    package struct DescribeChangeSet: CloudFormationCommand {
        package var reference: ChangeSetReference
        package var page: StackPage

        package init(_ input: inout CommandInput) throws(APIError) {
            self.reference = try ChangeSetReference(&input)
            self.page = StackPage(&input)
            input.accepts("IncludePropertyValues")
        }
    }

    package struct ExecuteChangeSet: CloudFormationCommand {
        package var reference: ChangeSetReference

        package init(_ input: inout CommandInput) throws(APIError) {
            self.reference = try ChangeSetReference(&input)
            input.accepts("ClientRequestToken", "RetainExceptOnCreate")
            if input.boolean("DisableRollback") == true { throw .notInLab("'DisableRollback' with true") }
        }
    }

    package struct DeleteChangeSet: CloudFormationCommand {
        package var reference: ChangeSetReference

        package init(_ input: inout CommandInput) throws(APIError) {
            self.reference = try ChangeSetReference(&input)
        }
    }

    package struct ListChangeSets: CloudFormationCommand {
        package var stack: String
        package var page: StackPage

        package init(_ input: inout CommandInput) throws(APIError) {
            self.stack = try input.required("StackName")
            self.page = StackPage(&input)
        }
    }

    package struct GetTemplate: CloudFormationCommand {
        package var stack: String?
        package var changeSet: String?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.stack = input.text("StackName")
            self.changeSet = input.text("ChangeSetName")
            // There is nothing in it that is processed, so both stages are the same.
            input.accepts("TemplateStage")
        }
    }

    package struct GetTemplateSummary: CloudFormationCommand {
        package var template: String?
        package var stack: String?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.template = try Request.template(&input)
            self.stack = input.text("StackName")
            guard (self.template == nil) != (self.stack == nil) else {
                throw .validation("Exactly one of TemplateBody and StackName must be specified.")
            }
        }
    }

    package struct ValidateTemplate: CloudFormationCommand {
        package var template: String

        package init(_ input: inout CommandInput) throws(APIError) {
            guard let template = try Request.template(&input) else {
                throw .validation("Either Template URL or Template Body must be specified.")
            }
            self.template = template
        }
    }
}
