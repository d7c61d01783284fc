/// A load balancer of another make that can be given a topology of ours: its configuration is made from it, as text, and it says
/// which features it has in this form, which it has not and why, and where it differs from AWS.
package protocol Engine: Sendable {
    /// The program's name, which is also the subject's.
    var name: String { get }
    /// Where to get it.
    var package: String { get }
    /// Arguments that make it print its version.
    var versionArguments: [String] { get }
    var claims: SubjectClaims { get }
    /// Where it honestly differs from AWS, by check; each was looked at by hand.
    var differences: [Difference] { get }
    /// What runs it in the foreground with the files that are in the folder.
    func arguments(folder: String) -> [String]
    /// How it learns that the files have changed.
    var reload: EngineReload { get }
    /// Its files.
    func files(for configuration: SubjectConfiguration, folder: String) throws(Inexpressible) -> [EngineFile]
}

/// One way in which an engine does something else than AWS, in checks whose ids match.
package struct Difference: Hashable, Sendable {
    /// A check's id, with `*` for any characters.
    package let checks: String
    /// What it does, and what AWS does.
    package let text: String

    package init(_ checks: String, _ text: String) {
        self.checks = checks
        self.text = text
    }
}

package struct EngineFile: Hashable, Sendable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

package enum EngineReload: Sendable {
    case signal(Int32)
    /// A line on a socket in its folder. It has been heard when what the question is answered with counts one more; a socket that is
    /// closed meanwhile opens again.
    case command(String, socket: String, question: String, count: @Sendable (String) -> Int?)
    /// It watches its files.
    case watches
}

/// Something in a configuration that an engine has no words for.
package struct Inexpressible: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The engines that there are adapters for.
package enum Engines {
    package static let all: [any Engine] = [CaddyEngine(), EnvoyEngine(), HAProxyEngine(), NginxEngine()]

    package static func engine(_ name: String) -> (any Engine)? { Self.all.first { $0.name == name } }
}

extension Engine {
    /// Why the check's failure is no surprise; `nil` if it is.
    package func difference(_ check: String) -> String? {
        self.differences.first { CheckLibrary.matches(check, $0.checks) }?.text
    }
}
