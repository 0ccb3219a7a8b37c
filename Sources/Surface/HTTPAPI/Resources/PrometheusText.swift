/// Figures in the text form that monitors read. Source: Prometheus, "Exposition formats", version 0.0.4.
enum PrometheusText {
    /// One figure, once for each set of labels. Names and values of labels are ours, so that nothing needs to be escaped.
    struct Gauge {
        let name: String
        let help: String
        let samples: [(labels: [(String, String)], value: Double)]
    }

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func write(_ gauges: [Gauge]) -> String {
        gauges.map { gauge in
            let samples = gauge.samples.map { sample in
                "\(gauge.name){\(sample.labels.map { "\($0)=\"\($1)\"" }.joined(separator: ","))} \(sample.value)\n"
            }
            return "# HELP \(gauge.name) \(gauge.help)\n# TYPE \(gauge.name) gauge\n" + samples.joined()
        }.joined()
    }
}
