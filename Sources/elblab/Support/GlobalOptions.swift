import ArgumentParser
import ELBLessons

// Option groups that mean the same in every verb. A verb includes those that it honours, and no other: an option that is
// accepted and ignored would be a lie.

/// `--plain`: how text looks.
struct PlainOption: ParsableArguments {
    @Flag(name: .long, help: "No colours, no boxes, no cursor movement: one fact per line.")
    var plain = false

    /// The style for standard output.
    var style: TextStyle { TextStyle(terminal: .output, plain: self.plain) }
}

/// `--json`: data for programs in place of text for people.
struct JSONOption: ParsableArguments {
    @Flag(name: .long, help: "Print JSON in place of text.")
    var json = false
}

/// `--quiet`: results only.
struct QuietOption: ParsableArguments {
    @Flag(name: .long, help: "Print results only: no progress, no advice.")
    var quiet = false
}

/// `--lang`: the language of texts for people.
struct LanguageOption: ParsableArguments {
    @Option(
        name: .customLong("lang"),
        help: ArgumentHelp(
            """
            The language of texts: en or ko (default: that in which lessons were started here, then ELBLAB_LANG, then the \
            locale's).
            """,
            valueName: "lang"
        )
    )
    var chosen: Language?

    /// - Parameter remembered: what was chosen before.
    func language(remembered: Language? = nil) -> Language {
        self.chosen ?? remembered ?? Language(environment: Environment.all)
    }
}

extension Language: ExpressibleByArgument {}
