import ArgumentParser
import ELBModel
import ELBNet

/// `--authority`: who signs the certificates that templates ask Certificate Manager for.
struct AuthorityOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the authority lives that signs the lab's certificates; made there when it is needed.",
            discussion:
                "Default: elblab below $XDG_STATE_HOME, or ~/.local/state. Trust DIR/ca.pem, and no other file.",
            valueName: "dir"
        )
    )
    var authority: String?

    var directory: String {
        if let authority { return authority }
        if let state = Environment.value("XDG_STATE_HOME"), !state.isEmpty { return "\(state)/elblab" }
        return "\(Environment.value("HOME") ?? ".")/.local/state/elblab"
    }

    /// The lab's certificates. The authority is made, or read, with the first that is issued.
    var store: CertificateStore {
        let directory = self.directory
        return CertificateStore { try LabAuthority(directory: directory) }
    }
}
