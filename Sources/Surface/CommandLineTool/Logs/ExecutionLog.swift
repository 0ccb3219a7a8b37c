import Domain
import Vocabulary

/// Reads executions from the API and prints them, once or as they come.
struct ExecutionLog {
    /// Which executions are wanted.
    struct Selection: Sendable {
        var workflow: String?
        var status: RunStatus?
        /// Of those that are there already, the newest as many; 1 ... `Limits.pageRows`.
        var limit: Int
    }

    /// Time between two looks: soon enough for a person, and one small query a second for the server.
    private static let interval = Duration.seconds(1)
    /// Time between two tries while the server does not answer.
    private static let patience = Duration.seconds(2)

    let client: APIClient
    let selection: Selection
    let json: Bool

    /// Prints what is there, oldest first: with `json` one array.
    func print() async throws {
        let entries = try await newest(status: selection.status).entries
        var details: [ExecutionEntry] = []
        for entry in entries.reversed() { details.append(try await detail(entry.id)) }
        if json { Terminal.out(JSONValue.array(details.map(\.json)).text + "\n") } else { details.forEach(show) }
    }

    /// Prints what is there and what comes, each execution once; with `json` one object a line. Ends by cancellation or a refusal.
    func follow() async throws {
        var feed = ExecutionFeed(status: selection.status)
        let first = try await newest(status: nil)
        try await show(feed.begin(with: first.entries, isWhole: first.isWhole))
        var isAnswering = true
        while true {
            try await Task.sleep(for: isAnswering ? Self.interval : Self.patience)
            do {
                try await show(feed.accept(try await look(feed)))
                isAnswering = true
            } catch let failure as any ExplainedFailure where failure.exitStatus == .unreachable {
                // A server that is restarted comes back; said once.
                if isAnswering { Terminal.err("\(failure.description); trying again\n") }
                isAnswering = false
            }
        }
    }

    /// Prints one execution; while it is followed its console lines come first, as they are written, and its own line when it has ended.
    func print(_ id: RunID, follow: Bool) async throws {
        var entry = try await detail(id)
        var printed = 0
        while follow, !entry.status.isEnd {
            if !json { printed = showConsole(of: entry, after: printed) }
            try await Task.sleep(for: Self.interval)
            entry = try await detail(id)
        }
        guard !json, printed > 0 else { return show(entry) }
        _ = showConsole(of: entry, after: printed)
        Terminal.out(entry.line(on: .output) + "\n")
    }

    private func showConsole(of entry: ExecutionEntry, after count: Int) -> Int {
        let lines = entry.console(on: .output, after: count)
        Terminal.out(lines.joined())
        return count + lines.count
    }

    /// Lists hold no console lines, so that each execution is read by itself.
    private func show(_ entries: [ExecutionEntry]) async throws {
        for entry in entries { show(try await detail(entry.id)) }
    }

    private func show(_ entry: ExecutionEntry) {
        Terminal.out(json ? entry.json.text + "\n" : entry.line(on: .output) + "\n" + entry.console(on: .output).joined())
    }

    private func look(_ feed: ExecutionFeed) async throws -> [ExecutionEntry] {
        let since = feed.since.map { [(name: "since", value: "\($0)")] } ?? []
        var found = try await client.list("/executions", query: filters + since).compactMap(ExecutionEntry.init)
        let listed = Set(found.map(\.id))
        for id in feed.underWay where !listed.contains(id) { found.append(try await detail(id)) }
        return found
    }

    private var filters: [(name: String, value: String)] { selection.workflow.map { [(name: "workflow", value: $0)] } ?? [] }

    private func newest(status: RunStatus?) async throws -> (entries: [ExecutionEntry], isWhole: Bool) {
        let status = status.map { [(name: "status", value: $0.rawValue)] } ?? []
        let page = try await client.send("GET", "/executions", query: filters + status + [("limit", "\(selection.limit)")])
        return ((page["data"]?.array ?? []).compactMap(ExecutionEntry.init), page["page"]?["hasMore"]?.bool != true)
    }

    private func detail(_ id: RunID) async throws -> ExecutionEntry {
        guard let entry = ExecutionEntry(try await client.send("GET", "/executions/\(id)")) else {
            throw CommandFailure.failed("\(client.server.baseURL) answers with what is no execution; are fastn and its server of one release?")
        }
        return entry
    }
}
