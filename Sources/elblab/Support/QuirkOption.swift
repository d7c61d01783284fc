import ArgumentParser
import ELBControlAPI
import ELBModel

/// `--quirk`: deliberate deviations, for lessons and for proving the suite.
struct QuirkOption: ParsableArguments {
    @Option(
        name: .customLong("quirk"),
        help: ArgumentHelp(
            "A deliberate deviation from AWS's behaviour; may be given several times.",
            discussion: "'elblab quirks list' names them all.",
            valueName: "name"
        ),
        transform: Self.quirk
    )
    var list: [Quirk] = []

    var quirks: Set<Quirk> { Set(self.list) }

    private static func quirk(_ name: String) throws -> Quirk {
        if let quirk = Quirk(rawValue: name) { return quirk }
        let meant = Suggestion.didYouMean(name, among: Quirk.allCases.map(\.rawValue))
        throw ValidationError("there is no quirk '\(name)'; \(meant ?? "'elblab quirks list' names them all")")
    }
}
