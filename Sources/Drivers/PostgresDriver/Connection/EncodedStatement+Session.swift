/// The statements that the driver itself sends.
extension EncodedStatement {
    /// One statement that sets them all, for the session or, if local, until the transaction ends; names and values are parameters, never text.
    static func settings(_ settings: [(name: String, value: String)], isLocal: Bool) throws(PostgresError) -> EncodedStatement {
        let calls = settings.indices.map { "set_config($\(2 * $0 + 1), $\(2 * $0 + 2), \(isLocal))" }
        return try EncodedStatement("select " + calls.joined(separator: ", "), settings.flatMap { [.text($0.name), .text($0.value)] })
    }

    /// The local settings of a transaction, sorted so that one set of names is one prepared statement; none if there are none.
    static func localSettings(_ settings: [String: String]) throws(PostgresError) -> [EncodedStatement] {
        guard !settings.isEmpty else { return [] }
        return [try Self.settings(settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, isLocal: true)]
    }
}
