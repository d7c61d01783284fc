import ArgumentParser
import ELBNet
import Logging

/// `--state`: what outlives a run.
struct StateOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep what outlives the run in this folder; created if missing.",
            discussion: """
                Logs of load balancers that deliver them (access_logs.s3.*, connection_logs.s3.*, health_check_logs.s3.*) \
                become files in its folder s3, which holds a folder per bucket. Without it such a load balancer is \
                refused. Nothing else is kept there: a lab begins with what its templates say.
                """,
            valueName: "folder"
        )
    )
    var state: String?

    /// The folder of buckets.
    var buckets: String? { self.state.map { "\($0)/s3" } }

    func logStore() throws -> (any LogStore)? {
        guard let buckets else { return nil }
        do {
            return try FolderLogStore(root: buckets, logger: Logger(label: "logs"))
        } catch {
            throw CommandFailure("\(error)", fix: "give --state a folder that you may write to")
        }
    }
}
