/// The commands of the Security Token Service: who is asking.
package enum STS {
    package struct GetCallerIdentity: Command {
        package static let service = Service.sts

        package init(_ input: inout CommandInput) {}
    }

    /// Hands out keys. Everybody may take any role of the account here.
    package struct AssumeRole: Command {
        package static let service = Service.sts
        package var roleARN: String
        package var sessionName: String
        package var seconds: Int
        package var sourceIdentity: String?

        package init(_ input: inout CommandInput) throws(APIError) {
            self.roleARN = try input.required("RoleArn")
            self.sessionName = try input.required("RoleSessionName")
            self.seconds = input.integer("DurationSeconds") ?? 3600
            self.sourceIdentity = input.text("SourceIdentity")
            // They narrow or label what the session may do, and the lab permits everything.
            input.accepts("PolicyArns", "Policy", "Tags", "TransitiveTagKeys", "ExternalId", "ProvidedContexts")
        }
    }
}
