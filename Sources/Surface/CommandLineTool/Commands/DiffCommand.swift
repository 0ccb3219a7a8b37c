import ArgumentParser
import EventSourcing
import Vocabulary

/// `fastn diff KIND ID`: what became of an entity between two moments.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Shows which fields of an entity differ between two moments, and the event that set each.",
        discussion: ExitStatus.help)

    @OptionGroup var entity: EntityArguments
    @Option(parsing: .unconditional, help: ArgumentHelp("\(MomentText.help)", valueName: "moment"), transform: MomentText.parse)
    var from: Moment
    @Option(parsing: .unconditional, help: ArgumentHelp("The same; now without it.", valueName: "moment"), transform: MomentText.parse)
    var to: Moment = .now
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Server") var address: ServerAddress

    func run() async throws {
        let diff = try await entity.get("diff", query: [("from", "\(from)"), ("to", "\(to)")], from: address)
        output.show(diff) { Self.text(diff) }
    }

    /// One line that says what and between which versions, then a line a field.
    static func text(_ diff: JSONValue) -> String {
        let versions = "version \(diff["from"]?["version"]?.integer ?? 0) to \(FieldText.value(diff["to"]?["version"]))"
        let name = Style.bold.on(.output, "\(diff["kind"]?.string ?? "?") \(diff["id"]?.string ?? "?")")
        let changes = diff["changes"]?.array ?? []
        guard !changes.isEmpty else { return "\(name): \(versions), nothing differs\n" }
        var table = Table(columns: ["", "field", "before", "after", "set at", "by", "event"])
        for change in changes {
            let event = EventText(change["setBy"])
            table.rows.append([
                mark(change["change"]?.string), "\(FieldText.name(change["field"]?.string ?? ""))", Table.Cell(FieldText.value(change["before"])),
                Table.Cell(FieldText.value(change["after"])), event.when, event.who, event.event,
            ])
        }
        return "\(name): \(versions)\n\n" + table.text(on: .output)
    }

    private static func mark(_ change: String?) -> Table.Cell {
        switch change {
        case "added": Table.Cell("+", .green)
        case "removed": Table.Cell("-", .red)
        default: Table.Cell("~", .yellow)
        }
    }
}
