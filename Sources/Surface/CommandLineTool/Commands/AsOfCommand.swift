import ArgumentParser
import EventSourcing
import Vocabulary

/// `fastn as-of KIND ID`: what an entity was at a moment.
struct AsOfCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "as-of", abstract: "Shows an entity as it was at a moment, and for every field the event that set it.",
        discussion: "What is archived or deleted can be asked for too.\n\n\(ExitStatus.help)")

    @OptionGroup var entity: EntityArguments
    @Option(parsing: .unconditional, help: ArgumentHelp("\(MomentText.help) Now without it.", valueName: "moment"), transform: MomentText.parse)
    var at: Moment = .now
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Server") var address: ServerAddress

    func run() async throws {
        let past = try await entity.get("as-of", query: [("at", "\(at)")], from: address)
        output.show(past) { Self.text(past) }
    }

    /// One line that says what and when, then a line a field.
    static func text(_ past: JSONValue) -> String {
        let event = past["event"]
        let name = Style.bold.on(.output, "\(past["kind"]?.string ?? "?") \(past["id"]?.string ?? "?")")
        let when = "version \(FieldText.value(event?["version"])), \(FieldText.value(event?["type"])) at \(EventText.time(event?["recordedAt"]))"
        guard past["state"]?.isNull == false else { return "\(name): gone since \(when) by \(EventText.actor(event?["actor"]))\n" }
        return "\(name): \(when)\n\n" + table(past).text(on: .output)
    }

    private static func table(_ past: JSONValue) -> Table {
        let setBy = past["setBy"]?.object?.members ?? []
        let collections = Set(setBy.compactMap { FieldText.path($0.name).count > 1 ? FieldText.path($0.name)[0] : nil })
        var table = Table(columns: ["field", "value", "set at", "by", "event"])
        for (pointer, stamp) in setBy.map({ ($0.name, $0.value) }) {
            let path = FieldText.path(pointer)
            // A collection whose members have lines of their own needs none.
            if path.count == 1, collections.contains(path[0]) { continue }
            let value = path.reduce(past["state"]) { $0?[$1] }
            let event = EventText(stamp)
            table.rows.append(["\(FieldText.name(pointer))", Table.Cell(FieldText.value(value)), event.when, event.who, event.event])
        }
        return table
    }
}
