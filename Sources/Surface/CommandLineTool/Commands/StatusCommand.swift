import ArgumentParser
import Vocabulary

/// `fastn status`: how the server's parts fare.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows how the servers fare: who owns what of the log, the views, how far they lag, and what they have put aside.",
        discussion: "A part that stands still ends the command with 1.\n\n\(ExitStatus.help)")

    @Flag(help: "List every slice that has events: its region, owner, epoch, newest position, and how far the views lag.") var slices = false

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Server") var address: ServerAddress

    func run() async throws {
        let status = try await APIClient.with(try await address.resolve()) { try await $0.send("GET", at: "/operator/status") }
        guard let views = status["projections"]?.array else {
            throw CommandFailure.failed("the server answers with something that is no status; are fastn and its server of one release?")
        }
        let lines = views.compactMap(ViewLine.init)
        output.show(status) {
            Self.nodes(status) + "\n" + Self.text(lines) + (status["entities"].map(Self.memory) ?? "") + (slices ? "\n" + Self.slices(status) : "")
        }
        guard lines.allSatisfy(\.isHealthy) else { throw ExitStatus.failed }
    }

    private static func text(_ lines: [ViewLine]) -> String {
        let table = Table(columns: ["view", "state", "lag", "behind", "heartbeat", "put aside"], rows: lines.map(\.cells))
        return table.text(on: .output) + lines.flatMap(\.notes).map { "\($0)\n" }.joined()
    }
}

extension StatusCommand {
    /// The servers that share the log.
    private static func nodes(_ status: JSONValue) -> String {
        let rows = (status["nodes"]?.array ?? []).map { node -> [Table.Cell] in
            let isReachable = node["reachable"]?.bool ?? false
            return [
                Table.Cell(node["address"]?.string ?? "?"), Table.Cell(isReachable ? "serving" : "cut off", isReachable ? nil : .red),
                "\(node["slices"]?.integer ?? 0)", Table.Cell(node["startedAt"]?.string ?? "?"),
                Table.Cell(node["self"]?.bool == true ? "asked" : ""),
            ]
        }
        return Table(columns: ["node", "state", "slices", "since", ""], rows: rows).text(on: .output)
    }

    /// The slices that have events.
    private static func slices(_ status: JSONValue) -> String {
        let addresses = Dictionary(
            (status["nodes"]?.array ?? []).map { ($0["id"]?.string ?? "", $0["address"]?.string ?? "") }, uniquingKeysWith: { first, _ in first })
        let rows = (status["slices"]?.array ?? []).filter { $0["head"]?.integer ?? 0 > 0 }.map { slice -> [Table.Cell] in
            let owner = slice["owner"]?.string.flatMap { addresses[$0] } ?? "nobody"
            return [
                "\(slice["slice"]?.integer ?? 0)", Table.Cell(slice["region"]?.string ?? ""), Table.Cell(owner), "\(slice["epoch"]?.integer ?? 0)",
                "\(slice["head"]?.integer ?? 0)", "\(slice["lag"]?.integer ?? 0)",
            ]
        }
        return Table(columns: ["slice", "region", "owner", "epoch", "head", "lag"], rows: rows).text(on: .output)
    }

    /// What entities take of the server's memory.
    private static func memory(_ entities: JSONValue) -> String {
        func count(_ member: String) -> Int { entities[member]?.integer ?? 0 }
        let kilobytes = (count("bytes") + 1023) / 1024
        let room = "\(counted(count("inMemory"), "entity", "entities")), \(kilobytes) kB"
        return "in memory: \(room); \(count("serving")) serving, \(count("dropped")) dropped\n"
    }
}

/// One view as a person sees it.
private struct ViewLine {
    let isHealthy: Bool
    let cells: [Table.Cell]
    /// Why it stands still, and what it has put aside.
    let notes: [String]

    init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let state = json["state"]?.string, let isHealthy = json["healthy"]?.bool,
            let lag = json["lag"]?.integer, let heartbeat = json["heartbeatSeconds"]?.double
        else { return nil }
        self.isHealthy = isHealthy
        let behind = lag == 0 ? "-" : json["oldestUnprocessedSeconds"]?.double.map(Self.seconds) ?? "?"
        cells = [
            Table.Cell(name), Table.Cell(state, isHealthy ? nil : .red), "\(lag)", Table.Cell(behind), Table.Cell(Self.seconds(heartbeat)),
            "\(json["parkedStreams"]?.integer ?? 0)",
        ]
        let parked = (json["parked"]?.array ?? []).map { stream in
            func text(_ member: String) -> String { stream[member]?.string ?? "?" }
            return "put aside \(text("category")) \(text("stream")) at \(text("position")): \(text("reason"))"
        }
        notes = ((json["failure"]?.string.map { [$0] } ?? []) + parked).map { "\(name): \($0)" }
    }

    /// With one digit after the point.
    private static func seconds(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
