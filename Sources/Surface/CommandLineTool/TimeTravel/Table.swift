/// Rows in aligned columns, as a person reads them in a terminal.
struct Table {
    /// Characters of one cell; a longer one is cut.
    private static let widestCell = 44

    /// A text and how it looks where colours are shown.
    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let style: Style?

        /// What would move the cursor or break the line is shown as a space: customers choose these texts.
        init(_ text: String, _ style: Style? = nil) {
            let line = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
            self.text = line.count > widestCell ? line.prefix(widestCell - 1) + "…" : line
            self.style = style
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    let columns: [String]
    var rows: [[Cell]] = []

    /// The table with its head; every line ends with a line break.
    func text(on stream: Terminal.Stream) -> String {
        let head = columns.map { Cell($0.uppercased(), .dim) }
        let widths = columns.indices.map { column in ([head] + rows).map { $0[column].text.count }.max() ?? 0 }
        return ([head] + rows).map { Self.line($0, widths, stream) }.joined()
    }

    private static func line(_ cells: [Cell], _ widths: [Int], _ stream: Terminal.Stream) -> String {
        let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
        let texts = cells.prefix(last + 1).enumerated().map { column, cell in
            let text = cell.style?.on(stream, cell.text) ?? cell.text
            return column == last ? text : text + String(repeating: " ", count: widths[column] - cell.text.count)
        }
        return texts.joined(separator: "  ") + "\n"
    }
}
