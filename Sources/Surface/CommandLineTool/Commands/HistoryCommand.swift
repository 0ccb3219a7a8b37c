import ArgumentParser
import Vocabulary

/// `fastn history KIND ID`: what happened to an entity.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Shows an entity's events, oldest first: who, for which request, and which fields changed.",
        discussion: ExitStatus.help)

    @OptionGroup var entity: EntityArguments
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Server") var address: ServerAddress

    func run() async throws {
        let events = try await entity.list("history", from: address)
        output.show(.array(events)) { Self.table(events).text(on: .output) }
    }

    static func table(_ events: [JSONValue]) -> Table {
        var table = Table(columns: ["version", "when", "by", "event", "changed", "request"])
        for event in events {
            let text = EventText(event)
            let changes = (event["changes"]?.array ?? []).compactMap { $0.string.map(FieldText.name) }
            table.rows.append([
                "\(FieldText.value(event["version"]))", text.when, text.who, "\(FieldText.value(event["type"]))",
                Table.Cell(changes.joined(separator: ", ")), Table.Cell(EventText.short(event["correlationId"]), .dim),
            ])
        }
        return table
    }
}
