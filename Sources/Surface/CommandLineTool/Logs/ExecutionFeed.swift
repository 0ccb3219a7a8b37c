import Domain
import Vocabulary

/// Decides which executions of the pages it is given are news: each is shown once, when it has ended or waits for a person.
///
/// Pure: it is told what the API answered and says what to ask next.
struct ExecutionFeed {
    /// Executions become visible in almost the order in which they were asked for; one that is later than this is missed.
    static let overlap = Duration.seconds(30)
    /// Executions under way that are looked at one by one; there are as many only when nothing is worked on.
    static let mostOpen = 200

    /// Of which status executions are shown; nil for all. The API cannot filter by it, since an execution enters the feed before it has it.
    let status: RunStatus?
    private var shown: [RunID: (state: String, createdAt: Timestamp)] = [:]
    private var open: [RunID: Timestamp] = [:]
    private var newest: Timestamp?
    /// What is older was there before the feed began and is not news.
    private var floor: Timestamp?

    init(status: RunStatus?) { self.status = status }

    /// Where the next list begins; nil when nothing has been seen yet.
    var since: Timestamp? {
        guard let newest else { return nil }
        let start = newest + (.zero - Self.overlap)
        return floor.map { max($0, start) } ?? start
    }

    /// Executions that were seen under way, oldest first: they have to be asked for by id.
    var underWay: [RunID] { open.sorted { $0.value < $1.value }.prefix(Self.mostOpen).map(\.key) }

    /// Takes what the first list answered; `isWhole` when there is nothing older.
    mutating func begin(with entries: [ExecutionEntry], isWhole: Bool) -> [ExecutionEntry] {
        if !isWhole { floor = entries.map(\.createdAt).min() }
        return accept(entries)
    }

    /// Takes what lists and single requests answered and says what to show, oldest first.
    mutating func accept(_ entries: [ExecutionEntry]) -> [ExecutionEntry] {
        var news: [ExecutionEntry] = []
        for entry in entries.sorted(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }) {
            newest = max(newest ?? entry.createdAt, entry.createdAt)
            open[entry.id] = entry.status.isEnd ? nil : entry.createdAt
            guard isWorthShowing(entry) else { continue }
            let before = shown.updateValue((Self.state(entry), entry.createdAt), forKey: entry.id)
            if before?.state != Self.state(entry) { news.append(entry) }
        }
        forget()
        return news
    }

    private func isWorthShowing(_ entry: ExecutionEntry) -> Bool {
        if let status { return entry.status == status }
        return entry.status.isEnd || entry.waitingReason == ExecutionEntry.needsAttention
    }

    private static func state(_ entry: ExecutionEntry) -> String { entry.status.rawValue + (entry.waitingReason ?? "") }

    /// What no list can answer any more need not be remembered.
    private mutating func forget() {
        guard let since else { return }
        shown = shown.filter { $0.value.createdAt >= since || open[$0.key] != nil }
    }
}
