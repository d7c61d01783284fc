import ELBConformance

/// Something that a person should look at. It changes no mark.
package struct ReviewFlag: Hashable, Sendable {
    package var kind: Kind
    /// Others whom it concerns, by id.
    package var others: [String]
    /// Where it is seen, a line each.
    package var evidence: [String]

    package init(kind: Kind, others: [String], evidence: [String]) {
        self.kind = kind
        self.others = others
        self.evidence = evidence
    }

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Others have handed in the same, comments and blanks apart.
        case identical
        /// A balancer of another make, or this program, does the work.
        case knownProxy = "known-proxy"
    }
}

/// Looks for balancers that a learner has not written.
struct ProxySearch: Sendable {
    /// Digest of this program's own file, and how digests are made.
    var ownDigest: String?
    var digest: @Sendable ([UInt8]) -> String

    private static let programs: Set<String> = [
        "elblab", "haproxy", "nginx", "openresty", "envoy", "caddy", "traefik", "varnishd", "squid", "pingora", "pound",
    ]
    /// What stands in the binaries, whatever they are called.
    private static let marks = [
        ("haproxy", "HAProxy version"), ("nginx", "nginx/%s"), ("nginx", "nginx version: "),
        ("envoy", "envoy.config.bootstrap"),
        ("caddy", "github.com/caddyserver/caddy"), ("traefik", "github.com/traefik/traefik"),
        ("elblab", "elblab/lb-config/v1"),
    ]
    private static let mostLines = 5

    /// - Parameter known: lines that the exercise's starter has, which are nobody's doing.
    func flag(_ submission: Submission, known: Set<String>) -> ReviewFlag? {
        var evidence: [String] = []
        for file in submission.files {
            if let name = Self.programName(of: file.path), Self.programs.contains(name) {
                evidence.append("\(PlainText.line(file.path)): is called so")
            }
            if file.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) {
                evidence += self.binary(file)
            } else if Self.isProgramText(file.path), let text = String(validating: file.bytes, as: UTF8.self) {
                evidence += Self.lines(of: text, path: file.path, known: known)
            }
        }
        guard !evidence.isEmpty else { return nil }
        return ReviewFlag(kind: .knownProxy, others: [], evidence: Array(evidence.prefix(Self.mostLines)))
    }

    private func binary(_ file: Submission.File) -> [String] {
        if let ownDigest, self.digest(file.bytes) == ownDigest {
            return ["\(PlainText.line(file.path)): is this program"]
        }
        return Self.marks.filter { file.bytes.firstRange(of: Array($0.1.utf8)) != nil }.prefix(1).map {
            "\(PlainText.line(file.path)): is a binary of \($0.0)"
        }
    }

    /// Pages about a program are none.
    private static func isProgramText(_ path: String) -> Bool {
        ![".md", ".txt", ".rst", ".html"].contains { path.hasSuffix($0) }
    }

    private static func programName(of path: String) -> String? {
        path.split(separator: "/").last.map { $0.lowercased() }
    }

    private static func lines(of text: String, path: String, known: Set<String>) -> [String] {
        var found: [String] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop(while: \.isWhitespace)
            guard !trimmed.hasPrefix("#"), !trimmed.hasPrefix("//"), !known.contains(String(trimmed)) else { continue }
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == ".") }
            guard words.contains(where: { Self.programs.contains($0.lowercased()) }) else { continue }
            let shown = PlainText.short(PlainText.line(String(trimmed)), 80)
            found.append("\(PlainText.line(path)):\(number + 1): \(shown)")
        }
        return found
    }
}
