import Glibc

/// A person's shell, started in such a way that its own start-up files come first and the lab's settings after them: whoever puts
/// folders in front of `PATH` in a `.bashrc`, as version managers do, would otherwise hide the lab's `aws` and `dig` unawares.
struct InteractiveShell {
    let arguments: [String]
    /// For its environment.
    let variables: [String: String]

    private static let prompt = "(elblab) $ "

    /// Writes what the shell reads at its start.
    ///
    /// - Parameters:
    ///   - program: `/bin/bash`, `/usr/bin/zsh`; any other shell gets the environment only.
    ///   - folder: where the files go, and in whose `bin` the lab's programs are.
    init(_ program: String, folder: String) throws {
        let settings = "PATH=\(AWSCallRecord.quoted("\(folder)/bin")):$PATH\nPS1=\(AWSCallRecord.quoted(Self.prompt))\n"
        switch program.split(separator: "/").last {
        case "bash":
            try TextFile.write("[ ! -f ~/.bashrc ] || . ~/.bashrc\n" + settings, to: "\(folder)/bashrc")
            self.arguments = [program, "--rcfile", "\(folder)/bashrc"]
            self.variables = [:]
        case "zsh":
            let own = Environment.value("ZDOTDIR") ?? Environment.value("HOME") ?? "/"
            // zsh reads the first on its way to the second, each in ZDOTDIR, which is the person's own while theirs are read.
            for (name, after) in [(".zshenv", "ZDOTDIR=\(AWSCallRecord.quoted(folder))\n"), (".zshrc", settings)] {
                let theirs = "[ ! -f \"$ZDOTDIR/\(name)\" ] || . \"$ZDOTDIR/\(name)\"\n"
                try TextFile.write("ZDOTDIR=\(AWSCallRecord.quoted(own))\n\(theirs)\(after)", to: "\(folder)/\(name)")
            }
            self.arguments = [program]
            self.variables = ["ZDOTDIR": folder]
        default:
            self.arguments = [program]
            self.variables = ["PS1": Self.prompt]
        }
    }
}
