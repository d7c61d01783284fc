/// Metrics in Prometheus's text format, version 0.0.4.
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// `RequestCount` becomes `elblab_RequestCount`: CloudWatch's name stays recognisable.
    static func render(_ metrics: [LabMetric]) -> String {
        var lines: [String] = []
        var order: [String] = []
        var families: [String: [LabMetric]] = [:]
        for metric in metrics {
            if families[metric.name] == nil { order.append(metric.name) }
            families[metric.name, default: []].append(metric)
        }
        for name in order {
            let family = families[name] ?? []
            lines.append("# TYPE elblab_\(name) \(family.first?.isCounter == true ? "counter" : "gauge")")
            for metric in family {
                let labels = metric.dimensions.sorted { $0.key < $1.key }
                    .map { "\($0.key)=\"\(self.escaped($0.value))\"" }
                    .joined(separator: ",")
                lines.append("elblab_\(name){\(labels)} \(self.number(metric.value))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
