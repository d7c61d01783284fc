import ArgumentParser
import ELBControlAPI
import ELBNet

/// `--auth`: whether the AWS API checks who calls.
struct SignatureOption: ParsableArguments {
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case accept
        case check
    }

    @Option(
        help: ArgumentHelp(
            "Signatures of the AWS API's calls: accept any, or check them against the key pair of 'elblab shell'.",
            valueName: "accept|check"
        )
    )
    var auth = Mode.accept

    /// `nil` accepts any signature, and none.
    var verifier: SignatureVerifier? {
        switch self.auth {
        case .accept: nil
        case .check:
            SignatureVerifier(
                .lab,
                .init(digest: MessageDigests.sha256) { MessageDigests.hmacSHA256($0, key: $1) }
            )
        }
    }
}
