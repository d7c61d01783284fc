import ArgumentParser

/// `--foreign-ids`: what the AWS API makes of ids that nobody here has made.
struct ForeignIDOption: ParsableArguments {
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case accept
        case refuse
    }

    @Option(
        help: ArgumentHelp(
            "Ids in calls that nobody here has made, such as 'subnet-8360a9e7' of a script for a real account: take them as existing, or refuse them.",
            valueName: "accept|refuse"
        )
    )
    var foreignIds = Mode.refuse
}
