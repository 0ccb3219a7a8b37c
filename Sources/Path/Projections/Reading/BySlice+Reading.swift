import EventSourcing
import PostgresDriver

extension BySlice where Part == PostgresPool {
    /// The databases that have rows of a scope: a customer's is one, a space's customers may be in all.
    func databases(of scope: ReadScope) -> [PostgresPool] {
        switch scope {
        case .tenant(let tenant): [self[tenant]]
        case .space: all
        }
    }

    /// The rows of all databases of a scope, each database's in the statement's order.
    func rows(_ statement: PostgresStatement, _ scope: ReadScope) async throws -> [PostgresRow] {
        try await databases(of: scope).concurrently { try await $0.query(statement.sql, statement.parameters, settings: scope.settings) }
            .flatMap { Array(try $0.get()) }
    }
}

extension [PostgresPool] {
    /// What one of the databases has; the first of them when several do.
    ///
    /// A database that does not answer keeps nobody from what another one has, and is the error when none has it.
    func first<Found: Sendable>(_ find: @escaping @Sendable (PostgresPool) async throws -> Found?) async throws -> Found? {
        let answers = await concurrently(find)
        for case .success(let found?) in answers { return found }
        for answer in answers { _ = try answer.get() }
        return nil
    }

    /// Asks all at once; the answers in the order of the databases.
    fileprivate func concurrently<Answer: Sendable>(
        _ ask: @escaping @Sendable (PostgresPool) async throws -> Answer
    ) async -> [Result<Answer, any Error>] {
        // One database is the rule, and needs no task of its own.
        if count == 1, let only = first { return [await Self.result(of: only, ask)] }
        return await withTaskGroup(of: (Int, Result<Answer, any Error>).self) { group in
            for (place, pool) in enumerated() { group.addTask { (place, await Self.result(of: pool, ask)) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func result<Answer>(
        of pool: PostgresPool, _ ask: @Sendable (PostgresPool) async throws -> Answer
    ) async -> Result<Answer, any Error> {
        do { return .success(try await ask(pool)) } catch { return .failure(error) }
    }
}
