import ArgumentParser
import ELBControlAPI
import ELBControlPlane
import FoundationEssentials

/// `elblab trace`: why a request goes where it goes.
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Show which listener, rule, group and target a request leads to, and why.",
        discussion: """
            Asks the running lab, or a template without running anything. Nothing is sent to a backend.

            Examples:
              elblab trace http://shop:8081/api/1 --header 'X-Env: canary'
              elblab trace http://shop:8081/ --template shop.yaml --parameter CanaryWeight=10 --json
              elblab trace udp://games:8092 --from 127.200.0.9:40000
            """
    )

    @Argument(
        help: "http://NAME:PORT/PATH or tcp://NAME:PORT; NAME is a load balancer's name, DNS name, or a node's address."
    )
    var url: String

    @Option(name: .customLong("header"), help: ArgumentHelp("A header line; repeatable.", valueName: "name: value"))
    var headers: [String] = []

    @Option(help: "The method.")
    var method = "GET"

    @Option(help: "The client's address, or ADDRESS:PORT. Default: 127.200.0.1, somebody on the internet.")
    var from: String?

    @Option(
        name: .customLong("template"),
        help: ArgumentHelp("Read this template; no lab is needed.", valueName: "file")
    )
    var templates: [String] = []

    @OptionGroup var parameterOption: ParameterOption
    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var plain: PlainOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let request = TraceRequest(url: self.url, method: self.method, headers: self.headers, from: self.from)
        let report = try await self.report(on: request)
        if self.json.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            StandardStream.output.printLine(String(decoding: try encoder.encode(report), as: UTF8.self))
            return
        }
        for line in self.lines(report) { StandardStream.output.printLine(line) }
    }

    private func report(on request: TraceRequest) async throws -> TraceReport {
        let parameters = try self.parameterOption.values()
        guard !self.templates.isEmpty else {
            guard parameters.isEmpty else {
                throw CommandFailure("--parameter is for templates; name one with --template", status: .usage)
            }
            return try await LabClient(self.endpoint.resolved()).trace(request)
        }
        let folder = TemplateFolder(paths: self.templates, parameters: parameters)
        let topology = try folder.read().topology
        do throws(TraceError) {
            return try TraceReport(request, in: topology)
        } catch {
            throw CommandFailure(error.description, status: .usage)
        }
    }

    private static func text(of rewrite: TraceReport.Rewrite) -> String {
        let changes = [rewrite.host.map { "host \($0)" }, rewrite.target.map { "url \($0)" }].compactMap { $0 }
        if !changes.isEmpty { return changes.joined(separator: "  ") }
        switch rewrite.status {
        case nil: return "nothing matches"
        case "TransformSuccess": return "changes nothing"
        case let failure?: return "fails, \(failure): the answer is 500"
        }
    }

    private func lines(_ report: TraceReport) -> [String] {
        let style = self.plain.style
        var lines = ["\(report.loadBalancer)  listener \(report.listener)  client \(report.from)"]
        if report.isZonal {
            let choice = report.nodes > 1 ? ", one of \(report.nodes)" : ""
            lines.append("  node  \(report.node)\(choice): it uses the targets of its own zone")
        }
        if let flow = report.flow {
            lines.append("  flow  \(flow.transport) \(flow.source) to \(flow.destination)")
            lines.append("  decided by  \(flow.decidedBy.joined(separator: ", "))")
            if let target = flow.target { lines.append("  goes to  \(style.green(target))") }
        }
        var isDecided = false
        for rule in report.rules {
            let name = rule.priority.map { "rule \($0)" } ?? "default"
            // Rules behind the one that takes the request are never asked.
            let verdict = rule.taken ? style.green("takes it") : isDecided ? style.dim("not asked") : "passes it by"
            lines.append("  \(name)  \(verdict)")
            if !isDecided { lines += rule.conditions.map { "    \($0)" } }
            isDecided = isDecided || rule.taken
        }
        if let before = report.action.before { lines.append("before  \(before)") }
        lines.append("action  \(report.action.type)\(report.action.status.map { " \($0)" } ?? "")")
        if let rewrite = report.rewrite { lines.append("rewrite  \(Self.text(of: rewrite))") }
        let total = report.action.groups.reduce(0) { $0 + $1.weight }
        for group in report.action.groups {
            let share = total > 0 ? " (\(group.weight) of \(total))" : " (weight 0)"
            lines.append("  group \(style.cyan(group.name))\(share)  \(group.algorithm)")
            for target in group.targets {
                let health = target.health.isEmpty ? "" : "  " + target.health.joined(separator: ", ")
                lines.append("    \(target.id)  \(target.endpoint)\(health)")
            }
            if group.targets.isEmpty {
                lines.append("    no target: \(report.flow == nil ? "the answer is 503" : "connections are reset")")
            }
        }
        lines += (report.cookies ?? []).map { "cookies  \($0)" }
        return lines
    }
}
