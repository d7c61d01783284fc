import ArgumentParser
import FoundationEssentials

/// `elblab doctor`: what this machine can do for the lab, and what each missing piece costs.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this machine can do for the lab, and what each missing piece costs.",
        discussion: """
            Looks at loopback addresses, ports, limits, isolation, libcurl and the programs of others. Changes nothing. \
            Ends with 1 when the lab cannot work here, else with 0.

            Example: elblab doctor --json
            """
    )

    @OptionGroup var text: PlainOption
    @OptionGroup var data: JSONOption

    func run() async throws {
        let findings =
            NetworkProbe.addresses() + NetworkProbe.ports() + MachineProbe.limits() + (await MachineProbe.isolation())
            + (await SandboxProbe.findings())
            + MachineProbe.libcurl() + MachineProbe.programs()
        if self.data.json {
            try self.printJSON(findings)
        } else {
            self.printText(findings)
        }
        if findings.contains(where: { $0.state == .broken }) { throw CommandFailure.reported(.failure) }
    }

    private func printJSON(_ findings: [Finding]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        StandardStream.output.printLine(String(decoding: try encoder.encode(["findings": findings]), as: UTF8.self))
    }

    private func printText(_ findings: [Finding]) {
        let style = self.text.style
        let width = findings.map(\.name.count).max() ?? 0
        for area in Finding.Area.allCases {
            let members = findings.filter { $0.area == area }
            if members.isEmpty { continue }
            if !style.isPlain { StandardStream.output.printLine(style.bold(area.rawValue)) }
            for finding in members {
                let name = finding.name.padding(to: width)
                let line =
                    style.isPlain ? "\(area.rawValue): \(finding.name)" : "  \(self.mark(finding, style)) \(name)"
                StandardStream.output.printLine("\(line)  \(finding.found)")
                guard let cost = finding.cost else { continue }
                let indent = style.isPlain ? "  " : String(repeating: " ", count: 11)
                StandardStream.output.printLine("\(indent)cost: \(cost)")
            }
        }
        let broken = findings.filter { $0.state == .broken }.count
        let limited = findings.filter { $0.state == .limited }.count
        let verdict = broken == 0 ? "The lab works on this machine" : "The lab cannot work on this machine"
        let detail =
            limited == 0 ? "nothing is missing." : "\(limited) of \(findings.count) things are missing or limited."
        StandardStream.output.printLine("\(style.bold(verdict)): \(detail)")
    }

    private func mark(_ finding: Finding, _ style: TextStyle) -> String {
        switch finding.state {
        case .ok: style.green("ok     ")
        case .limited: style.yellow("limited")
        case .broken: style.red("broken ")
        }
    }
}
