import ArgumentParser
import ELBControlPlane
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
                refused. The account lies in its folder account: every call of the AWS API is on the disk before it is \
                answered, and the next lab with this folder goes on from there (docs/aws-endpoint.md). One lab at a time \
                uses a folder.
                """,
            valueName: "folder"
        )
    )
    var state: String?

    /// The folder of buckets.
    var buckets: String? { self.state.map { "\($0)/s3" } }

    /// What an earlier run has kept, and what keeps this one's account.
    func account() async throws -> KeptAccount? {
        guard let state else { return nil }
        do {
            return try await KeptAccount(state)
        } catch let error as StateError {
            switch error {
            case .failed: throw CommandFailure("\(error)", fix: "give --state a folder that you may write to")
            case .inUse: throw CommandFailure("\(error)", fix: "stop it, or give --state another folder")
            case .damaged:
                throw CommandFailure(
                    "\(error)",
                    fix:
                        "start again for a lab with what its templates say, or put an undamaged copy back as '\(state)/account'"
                )
            case .foreign:
                throw CommandFailure("\(error)", fix: "run that version, or give --state another folder")
            }
        } catch let error as AccountTextError {
            throw CommandFailure("\(error)", fix: "run that version, or give --state another folder")
        }
    }

    func logStore() throws -> (any LogStore)? {
        guard let buckets else { return nil }
        do {
            return try FolderLogStore(root: buckets, logger: Logger(label: "logs"))
        } catch {
            throw CommandFailure("\(error)", fix: "give --state a folder that you may write to")
        }
    }
}
