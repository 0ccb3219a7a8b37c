/// Figures in the text form that monitors read. Source: Prometheus, "Exposition formats", version 0.0.4.
enum PrometheusText {
    /// One figure, once for each set of labels. Names and values of labels are ours, so that nothing needs to be escaped.
    struct Figure {
        enum Kind: String { case gauge, counter }

        let name: String
        let help: String
        var kind = Kind.gauge
        let samples: [(labels: [(String, String)], value: Double)]
    }

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    static func write(_ figures: [Figure]) -> String {
        figures.map { figure in
            let samples = figure.samples.map { "\(figure.name)\(text(of: $0.labels)) \($0.value)\n" }
            return "# HELP \(figure.name) \(figure.help)\n# TYPE \(figure.name) \(figure.kind.rawValue)\n" + samples.joined()
        }.joined()
    }

    private static func text(of labels: [(String, String)]) -> String {
        labels.isEmpty ? "" : "{\(labels.map { "\($0)=\"\($1)\"" }.joined(separator: ","))}"
    }
}
