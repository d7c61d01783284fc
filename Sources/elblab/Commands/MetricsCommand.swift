import ArgumentParser
import ELBControlPlane
import FoundationEssentials

/// `elblab metrics`: what the lab's load balancers counted, under CloudWatch's names.
struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Show the load balancers' metrics under CloudWatch's names.",
        discussion: """
            Asks the running lab for the sums since its start: one line per metric and published combination of \
            dimensions, with the statistics that AWS calls useful. --json tells the periods of 60 AWS seconds, too. The \
            same is at the endpoint's /metrics for Prometheus.

            Examples:
              elblab metrics
              elblab metrics RequestCount TargetResponseTime
              elblab metrics --json
            """
    )

    @Argument(help: "Names of metrics, such as RequestCount. Without one all that have data.")
    var names: [String] = []

    @OptionGroup var endpoint: EndpointOption
    @OptionGroup var plain: PlainOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        var metrics = try await LabClient(self.endpoint.resolved()).metrics()
        if !self.names.isEmpty { metrics.metrics.removeAll { !self.names.contains($0.name) } }
        if self.json.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            StandardStream.output.printLine(String(decoding: try encoder.encode(metrics), as: UTF8.self))
            return
        }
        for line in self.lines(metrics.metrics) { StandardStream.output.printLine(line) }
    }

    private func lines(_ series: [LabMetrics.Series]) -> [String] {
        if series.isEmpty { return ["no data"] }
        let width = self.plain.style.isPlain ? 0 : series.map(\.name.count).max() ?? 0
        return series.map { one in
            let values = one.useful.compactMap { name in
                one.total?[name].map { "\(name) \(Self.number($0))" }
            }
            return "\(self.plain.style.cyan(one.name.padding(to: width)))  \(values.joined(separator: " "))"
                + "  \(self.plain.style.dim(Self.dimensions(one)))"
        }
    }

    private static func dimensions(_ series: LabMetrics.Series) -> String {
        ["TargetGroup", "AvailabilityZone", "LoadBalancer", "LoadBalancerName"]
            .compactMap { name in series.dimensions[name].map { "\(name)=\($0)" } }
            .joined(separator: " ")
    }

    private static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return "\((value * 1e6).rounded() / 1e6)"
    }
}
