import ELBCore
import ELBModel

/// Metrics in Prometheus's text format, version 0.0.4, under the names that CloudWatch's metrics have there:
/// `RequestCount`, statistic Sum, is `aws_applicationelb_request_count_sum`.
///
/// Every published combination of dimensions is a line of its own, as in CloudWatch: the load balancer's number stands beside those
/// of its zones and groups, so pick one combination instead of adding them up.
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func render(_ balancers: [BalancerMetrics]) -> String {
        let series = balancers.flatMap { $0.series() }
        var text = ""
        for kind in LoadBalancer.Kind.allCases {
            let namespace = Metric.namespace(of: kind)
            let known = series.filter { $0.namespace == namespace }
            for metric in Metric.allCases {
                let own = known.filter { $0.metric == metric }
                guard !own.isEmpty else { continue }
                for statistic in metric.statistics { self.append(own, metric, statistic, in: namespace, to: &text) }
            }
        }
        return text
    }

    private static func append(
        _ series: [MetricSeries],
        _ metric: Metric,
        _ statistic: Metric.Statistic,
        in namespace: String,
        to text: inout String
    ) {
        let prefix = namespace.lowercased().replacing("/", with: "_")
        let name = "\(prefix)_\(self.snakeCase(metric.rawValue))_\(statistic.suffix)"
        let grows = metric.isCounter && (statistic == .sum || statistic == .sampleCount)
        let since = metric.isCounter ? "since the start" : "now"
        let lines = series.compactMap { one in
            one.total?.statistic(statistic).map { "\(name){\(self.labels(one.dimensions))} \(self.number($0))\n" }
        }
        guard !lines.isEmpty else { return }
        text +=
            "# HELP \(name) \(namespace) \(metric.rawValue), \(statistic.suffix) in \(metric.unit.rawValue), \(since)\n"
        text += "# TYPE \(name) \(grows ? "counter" : "gauge")\n"
        text += lines.joined()
    }

    private static func labels(_ dimensions: MetricDimensions) -> String {
        dimensions.pairs
            .map { "\(self.snakeCase($0.name))=\"\(self.escaped($0.value))\"" }
            .joined(separator: ",")
    }

    /// A word begins at a capital behind a small letter or a digit: `HTTPCode_Target_2XX_Count` becomes
    /// `httpcode_target_2_xx_count`, as CloudWatch's exporter for Prometheus writes it.
    static func snakeCase(_ name: String) -> String {
        var text = ""
        var previous: Character = "_"
        for character in name {
            if character.isUppercase, previous.isLowercase || previous.isNumber { text += "_" }
            text += character.lowercased()
            previous = character
        }
        return text
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
