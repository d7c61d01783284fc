import Glibc

/// The file in which a shell notes the `aws` calls that changed something: lines as one would type them, each followed by the
/// names that AWS made up for what came of it. On another account these are others, so a replay puts those in their place.
///
///     aws elbv2 create-target-group --name web --protocol HTTP --port 80 …
///     #> arn:aws:elasticloadbalancing:…:targetgroup/web/0123456789abcdef
struct AWSCallRecord {
    static let mark = "#> "

    /// What the calls of a record have given, call by call.
    static func names(in text: String) -> [[String]] {
        text.split(separator: "\n").filter { $0.hasPrefix(Self.mark.dropLast()) }.map { line in
            line.dropFirst(Self.mark.count - 1).split(separator: " ").map(String.init)
        }
    }

    /// A call and what it gave, as the record has them.
    static func entry(_ arguments: [String], output: String) -> String {
        let line = (["aws"] + arguments.map(Self.quoted)).joined(separator: " ")
        return "\(line)\n\(Self.mark)\(Self.names(inOutput: output).joined(separator: " "))\n"
    }

    /// Whether a call can change anything: `aws elbv2 describe-rules` cannot.
    static func changes(_ arguments: [String]) -> Bool {
        let words = arguments.filter { !$0.hasPrefix("-") }
        guard words.count > 1, !["help", "configure"].contains(words[0]) else { return false }
        return !["describe-", "get-", "list-", "wait", "help"].contains { words[1].hasPrefix($0) }
    }

    /// Names that AWS makes up, in order, each once: ARNs, ids, DNS names.
    static func names(inOutput text: String) -> [String] {
        var seen: Set<String> = []
        let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || "-_:/.".contains($0))) }
        return words.map { word in word.last == "." ? String(word.dropLast()) : String(word) }.filter { word in
            Self.isMadeUp(word) && seen.insert(word).inserted
        }
    }

    private static func isMadeUp(_ word: String) -> Bool {
        if word.hasPrefix("arn:aws:") || word.hasSuffix(".elb.aws.test") { return true }
        let parts = word.split(separator: "-", maxSplits: 1)
        let kinds = ["i", "sg", "sgr", "subnet", "vpc", "eipalloc", "eni", "r"]
        return parts.count == 2 && kinds.contains(String(parts[0])) && parts[1].utf8.count >= 8
            && parts[1].allSatisfy(\.isHexDigit)
    }

    /// A word as a shell must be told it.
    static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_=,.:/@%+".contains($0)) }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }

    /// The path from the root, whatever folder the script works in.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }

    // MARK: The command in front of aws

    /// The variable by which a shell says where its stand-ins lie.
    static let standInFolder = "ELBLAB_SHELL_BIN"

    /// The real `aws`. Inside a shell that records, the first on the path notes what it does: a replay must not be noted, too.
    static var program: String? {
        MachineProbe.find("aws", besides: Environment.value(Self.standInFolder))
    }

    /// A script that stands in for `aws` and has this program call it.
    static func wrapper(_ options: [String]) -> String {
        let words = [Environment.executable, "aws-call"] + options
        return "#!/bin/sh\nexec \(words.map(Self.quoted).joined(separator: " ")) -- \"$@\"\n"
    }

    static func install(_ wrapper: String, in folder: String) throws {
        mkdir(folder, 0o700)
        try TextFile.write(wrapper, to: "\(folder)/aws")
        chmod("\(folder)/aws", 0o700)
    }
}
