@testable import PostgresDriver
import Testing

@Suite struct `A cache of prepared statements` {
    private func key(_ sql: String, _ types: [UInt32] = []) -> StatementCache.Key {
        StatementCache.Key(sql: sql, types: types)
    }

    @Test func `the same text with other types is another statement`() {
        var cache = StatementCache()
        let first = cache.use(key("select $1", [23]))
        let second = cache.use(key("select $1", [25]))
        #expect(first.isNew && second.isNew && first.name != second.name)
        #expect(!cache.use(key("select $1", [23])).isNew)
    }

    @Test func `the statement used longest ago makes room`() {
        var cache = StatementCache(capacity: 2)
        let first = cache.use(key("first"))
        let second = cache.use(key("second"))
        _ = cache.use(key("first"))
        #expect(cache.use(key("third")).evicted == second.name)
        #expect(cache.use(key("first")).name == first.name)
    }

    @Test func `a forgotten statement is prepared under a new name`() {
        var cache = StatementCache()
        let first = cache.use(key("first"))
        cache.forget(key("first"))
        let again = cache.use(key("first"))
        #expect(again.isNew && again.name != first.name)
    }
}
