package import ELBControlAPI
import ELBModel

extension STS.GetCallerIdentity: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        [
            "UserId": "AIDALABLABLABLABLABLA", "Account": .text(Account.number),
            "Arn": .text("arn:aws:iam::\(Account.number):user/learner"),
        ]
    }
}

extension STS.AssumeRole: AccountCommand {
    /// The keys are the lab's own pair, so that `--auth check` takes them; they do not expire. What names the session is the token.
    /// `arn:aws:iam::ACCOUNT:role/NAME` becomes `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let parts = self.roleARN.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[2] == "iam", parts[5].hasPrefix("role/"),
            let name = parts[5].split(separator: "/").last, parts[5] != "role/"
        else { throw .validation("\(self.roleARN.prefix(160)) is invalid") }
        guard parts[4] == Account.number else {
            throw APIError(
                "AccessDenied",
                "The lab is account \(Account.number); roles of other accounts cannot be assumed here",
                status: 403
            )
        }
        let id = "AROA\(transaction.makeID().uppercased())"
        return [
            "Credentials": [
                "AccessKeyId": .text(SignatureVerifier.Keys.lab.id),
                "SecretAccessKey": .text(SignatureVerifier.Keys.lab.secret),
                "SessionToken": .text(transaction.makeID() + transaction.makeID()),
                "Expiration": .timestamp(
                    Timestamp(milliseconds: transaction.now.milliseconds + Int64(self.seconds) * 1000)
                ),
            ],
            "AssumedRoleUser": [
                "AssumedRoleId": .text("\(id):\(self.sessionName)"),
                "Arn": .text("arn:aws:sts::\(parts[4]):assumed-role/\(name)/\(self.sessionName)"),
            ],
            "SourceIdentity": self.sourceIdentity.map { .text($0) },
        ]
    }
}
