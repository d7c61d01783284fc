import ArgumentParser

/// `--parameter NAME=VALUE` of commands that read templates.
struct ParameterOption: ParsableArguments {
    @Option(
        name: .customLong("parameter"),
        help: ArgumentHelp("A template parameter; repeatable.", valueName: "name=value")
    )
    var parameters: [String] = []

    /// By name; the last one wins. A value may hold `=` and may be empty.
    func values() throws -> [String: String] {
        var values: [String: String] = [:]
        for text in self.parameters {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw CommandFailure("--parameter takes NAME=VALUE, not '\(text)'", status: .usage)
            }
            values[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return values
    }
}
