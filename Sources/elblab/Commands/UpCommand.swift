import ArgumentParser
import ELBModel
import ELBNet
import Logging

/// `elblab up`: a lab from templates, until Ctrl-C.
struct UpCommand: EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run a lab from CloudFormation templates until Ctrl-C or SIGTERM.",
        discussion: """
            Reads the templates (docs/templates.md), starts a fake backend per instance and the load balancers, and \
            prints what to type next. Saving a template, or SIGHUP, applies it: what did not change keeps running, no \
            request is lost, and a template with mistakes changes nothing. With --state, what the AWS API has made outlives \
            the run, however it ends.

            Examples:
              elblab up fixtures/templates/two-zone-web.yaml --time-scale 10
              elblab up shop.yaml --parameter CanaryWeight=10 --access-log access.log
              elblab up fixtures/templates/logs.yaml --state lab --time-scale 60
              elblab up shop.yaml --quirk rules.priority-reversed --endpoint 127.0.0.1:4567

            Exit codes: 0 stopped; 2 a template has mistakes; 4 an address or the endpoint cannot be bound.
            """
    )

    @Argument(help: "Templates, YAML or JSON, that make one lab together. Without one the lab is empty.")
    var templates: [String] = []

    @Option(help: "AWS seconds per real second, 0.001 to 10000.")
    var timeScale = 1.0

    @OptionGroup var parameterOption: ParameterOption

    @Option(help: ArgumentHelp("Append access logs to this file, in AWS's format.", valueName: "file"))
    var accessLog: String?

    @Option(help: ArgumentHelp("Append connection logs to this file, in AWS's format.", valueName: "file"))
    var connectionLog: String?

    @OptionGroup var authorityOption: AuthorityOption

    @Option(
        help: ArgumentHelp(
            "Where names are answered (DNS), or 'off'. Default: 127.0.0.1:10053, if it is free.",
            valueName: "host:port"
        )
    )
    var nameServer: String?

    @Option(
        help: ArgumentHelp(
            "Let Envoys ask for their configuration here, too, and for nothing else (docs/beyond-one-machine.md).",
            valueName: "address:port"
        )
    )
    var xds: String?

    @OptionGroup var state: StateOption
    @OptionGroup var signatures: SignatureOption
    @OptionGroup var foreignIDs: ForeignIDOption
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var quirkOption: QuirkOption
    @OptionGroup var plain: PlainOption
    @OptionGroup var quiet: QuietOption

    func run() async throws {
        guard let timeScale = TimeScale(factor: self.timeScale) else {
            throw CommandFailure("--time-scale must be 0.001 to 10000", status: .usage)
        }
        let state = try await self.state.account()
        let run = LabRun(
            templates: TemplateFolder(paths: self.templates, parameters: try self.parameterOption.values()),
            quirks: self.quirkOption.quirks,
            timeScale: timeScale,
            endpoint: try self.endpoint.resolved(),
            nameServer: try self.namePlace(),
            discovery: try self.discoveryPlace(),
            accessLog: try Self.sink(self.accessLog, "access-log"),
            connectionLog: try Self.sink(self.connectionLog, "connection-log"),
            certificates: self.authorityOption.store,
            logStore: try self.state.logStore(),
            kept: state,
            verifier: self.signatures.verifier,
            acceptsForeignIDs: self.foreignIDs.foreignIds == .accept,
            summary: LabSummary(
                style: self.plain.style,
                discovery: try self.discoveryPlace(),
                authority: LabAuthority.certificatePath(in: self.authorityOption.directory),
                buckets: self.state.buckets
            ),
            quiet: self.quiet.quiet
        )
        try await run.run()
    }

    private func namePlace() throws -> NameService.Place {
        switch self.nameServer {
        case nil: return .usual
        case "off": return .nowhere
        case let text?:
            guard let endpoint = Endpoint(text), endpoint.address.isLoopback else {
                throw CommandFailure(
                    "--name-server needs an address of this machine and a port, such as 127.0.0.1:10053, not '\(text)'",
                    status: .usage
                )
            }
            return .at(endpoint)
        }
    }

    /// Unlike the lab's endpoint it may be one that other hosts reach: it does nothing for whoever asks.
    private func discoveryPlace() throws -> Endpoint? {
        guard let text = self.xds else { return nil }
        guard let endpoint = Endpoint(text) else {
            throw CommandFailure(
                "--xds needs an address and a port, such as 127.0.0.1:18000, not '\(text)'",
                status: .usage
            )
        }
        return endpoint
    }

    private static func sink(_ path: String?, _ label: String) throws -> FileAccessLogSink? {
        guard let path else { return nil }
        do {
            return try FileAccessLogSink(path: path, logger: Logger(label: label))
        } catch {
            throw CommandFailure("\(error)")
        }
    }
}
