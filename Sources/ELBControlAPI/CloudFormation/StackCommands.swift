extension CloudFormation {
    package struct CreateStack: CloudFormationCommand {
        package var name: String
        package var request: Request
        package var isProtected: Bool
        /// Whether a stack that cannot be made is gone, and not there as ROLLBACK_COMPLETE.
        package var deletesOnFailure: Bool

        package init(_ input: inout CommandInput) throws(APIError) {
            self.name = try input.required("StackName")
            self.request = try Request(&input)
            self.isProtected = input.boolean("EnableTerminationProtection") ?? false
            let onFailure = input.text("OnFailure") ?? "ROLLBACK"
            guard onFailure != "DO_NOTHING" else { throw .notInLab("'DO_NOTHING' for OnFailure") }
            self.deletesOnFailure = onFailure == "DELETE"
        }
    }

    package struct UpdateStack: CloudFormationCommand {
        package var stack: String
        package var request: Request

        package init(_ input: inout CommandInput) throws(APIError) {
            self.stack = try input.required("StackName")
            self.request = try Request(&input)
        }
    }

    package struct DeleteStack: CloudFormationCommand {
        package var stack: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.stack = try input.required("StackName")
            try input.only("DeletionMode", "STANDARD")
            input.accepts("RoleARN", "ClientRequestToken")
            if input.list("RetainResources")?.isEmpty == false { throw .notInLab("'RetainResources'") }
        }
    }

    package struct UpdateTerminationProtection: CloudFormationCommand {
        package var stack: String
        package var isProtected: Bool

        package init(_ input: inout CommandInput) throws(APIError) {
            self.stack = try input.required("StackName")
            self.isProtected = input.boolean("EnableTerminationProtection") ?? false
        }
    }

    package struct DescribeStacks: CloudFormationCommand {
        /// `nil` means all that are not deleted.
        package var stack: String?
        package var page: StackPage

        package init(_ input: inout CommandInput) {
            self.stack = input.text("StackName")
            self.page = StackPage(&input)
        }
    }

    package struct ListStacks: CloudFormationCommand {
        /// `nil` means all.
        package var statuses: [String]?
        package var page: StackPage

        package init(_ input: inout CommandInput) {
            self.statuses = input.texts("StackStatusFilter")
            self.page = StackPage(&input)
        }
    }

    package struct DescribeStackEvents: CloudFormationCommand {
        package var stack: String
        package var page: StackPage

        package init(_ input: inout CommandInput) throws(APIError) {
            self.stack = try input.required("StackName")
            self.page = StackPage(&input)
        }
    }

    package struct DescribeStackResource: CloudFormationCommand {
        package var stack: String
        package var logicalID: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.stack = try input.required("StackName")
            self.logicalID = try input.required("LogicalResourceId")
        }
    }

    package struct DescribeStackResources: CloudFormationCommand {
        package var stack: String?
        package var logicalID: String?
        package var physicalID: String?

        package init(_ input: inout CommandInput) {
            self.stack = input.text("StackName")
            self.logicalID = input.text("LogicalResourceId")
            self.physicalID = input.text("PhysicalResourceId")
        }
    }

    package struct ListStackResources: CloudFormationCommand {
        package var stack: String
        package var page: StackPage

        package init(_ input: inout CommandInput) throws(APIError) {
            self.stack = try input.required("StackName")
            self.page = StackPage(&input)
        }
    }
}

/// Which part of a list a caller wants: CloudFormation chooses the pages' sizes itself, and says how to go on by `NextToken`.
package struct StackPage: Hashable, Sendable {
    private static let size = 100
    private var token: String?

    init(_ input: inout CommandInput) { self.token = input.text("NextToken") }

    /// The page, and the token of the next one unless this is the last. Tokens are places in the list.
    ///
    /// - Throws: for a token that is none.
    package func cut<Item>(_ items: [Item]) throws(APIError) -> (items: [Item], next: WireValue?) {
        let start = try self.token.map { token throws(APIError) in
            guard let number = Int(token), number >= 0 else {
                throw .validation("NextToken '\(token.prefix(80))' is not valid")
            }
            return min(number, items.count)
        }
        let page = Array(items[(start ?? 0)...].prefix(Self.size))
        let end = (start ?? 0) + page.count
        return (page, end < items.count ? .text("\(end)") : nil)
    }
}
