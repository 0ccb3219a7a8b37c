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

    /// The rows of all databases of a scope, in no order when they are several.
    func rows(_ statement: PostgresStatement, _ scope: ReadScope) async throws -> [PostgresRow] {
        try await databases(of: scope).each { try await $0.query(statement.sql, statement.parameters, settings: scope.settings) }
            .flatMap(Array.init)
    }
}

extension [PostgresPool] {
    /// What one of the databases has, as soon as one has it.
    ///
    /// A database that does not answer keeps nobody from what another one has, and is the error when none has it.
    func first<Found: Sendable>(_ find: @escaping @Sendable (PostgresPool) async throws -> Found?) async throws -> Found? {
        // One database is the rule, and needs no task of its own.
        if count == 1, let only = first { return try await find(only) }
        return try await withThrowingTaskGroup(of: Found?.self) { group in
            for pool in self { group.addTask { try await find(pool) } }
            var failure: (any Error)?
            while let answer = await group.nextResult() {
                switch answer {
                case .success(let found?):
                    group.cancelAll()
                    return found
                case .success(nil): break
                case .failure(let error): failure = failure ?? error
                }
            }
            if let failure { throw failure }
            return nil
        }
    }

    /// What each of them answers, asked at once.
    fileprivate func each<Answer: Sendable>(_ ask: @escaping @Sendable (PostgresPool) async throws -> Answer) async throws -> [Answer] {
        if count == 1, let only = first { return [try await ask(only)] }
        return try await withThrowingTaskGroup(of: Answer.self) { group in
            for pool in self { group.addTask { try await ask(pool) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
