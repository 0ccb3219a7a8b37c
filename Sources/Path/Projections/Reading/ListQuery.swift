import EventSourcing
import PostgresDriver
import Vocabulary

/// A list's statement: what to select, whose rows, filters as far as they are asked for, then the place of the page.
///
/// All text is ours and all values are parameters; filters that nobody asks for are left out, so that the index of the rest is used.
struct ListQuery {
    private let selection: String
    private let order: String
    private let scope: ReadScope
    private var conditions: [String]
    private var parameters: [PostgresValue]

    /// `selection` is `select … from …`; `order` names the columns of time and id, `requested_at, execution_id`.
    init(_ selection: String, order: String, scope: ReadScope) {
        self.selection = selection
        self.order = order
        self.scope = scope
        conditions = ["\(scope.column) = $1"]
        parameters = [scope.value]
    }

    /// Adds a condition, which is followed by the value, if there is one: `filter("status =", …)`.
    mutating func filter(_ condition: String, _ value: PostgresValue?) {
        guard let value else { return }
        parameters.append(value)
        conditions.append("\(condition) $\(parameters.count)")
    }

    /// The page's rows and one more.
    func statement(of page: PageRequest) -> PostgresStatement {
        var (conditions, parameters) = (conditions, parameters)
        if let start = page.start {
            conditions.append("(\(order)) < ($\(parameters.count + 1), $\(parameters.count + 2))")
            parameters += [.time(start.time), .uuid(start.id)]
        }
        parameters.append(.int8(Int64(page.limit) + 1))
        let descending = order.split(separator: ", ").map { "\($0) desc" }.joined(separator: ", ")
        return PostgresStatement(
            "\(selection) where \(conditions.joined(separator: " and ")) order by \(descending) limit $\(parameters.count)", parameters)
    }

    /// The page from all databases that have rows of the scope: of each its newest ones, then the newest of these.
    func page<Row: ReadModelRow>(
        _ page: PageRequest, from pools: BySlice<PostgresPool>, _ read: (PostgresRow) throws -> Row
    ) async throws -> Page<Row> {
        let rows = try await pools.rows(statement(of: page), scope).map(read)
        return Page(pools.all.count == 1 ? rows : rows.sorted { $1.cursor < $0.cursor }, limit: page.limit)
    }
}
