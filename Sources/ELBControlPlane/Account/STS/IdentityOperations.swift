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
