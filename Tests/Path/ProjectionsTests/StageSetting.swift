import Glibc
import PostgresDriver
import PostgresTestKit
import Projections

/// Runs `body` with views that follow an empty log; with `isRunning` false the test runs them itself.
func withStage(
    isRunning: Bool = true, configuration: Projections.Configuration = Projections.Configuration(), _ body: @Sendable (Stage) async throws -> Void
) async throws {
    try await withTestDatabase(schema: try Schema.script()) { database in
        let system = PostgresPool(configuration: database.configuration(role: "fastn_system"), connectionLimit: 6)
        let reader = PostgresPool(configuration: database.configuration(role: "fastn_reader"), connectionLimit: 2)
        let owner = PostgresPool(configuration: database.configuration(), connectionLimit: 1)
        try await withRunning(system) {
            try await withRunning(reader) {
                try await withRunning(owner) {
                    let stage = Stage(system: system, reader: reader, owner: owner, configuration: configuration)
                    if isRunning { try await following(stage.projections) { try await body(stage) } } else { try await body(stage) }
                }
            }
        }
    }
}

/// Lets views follow the log for as long as `body` takes, then ends them wherever they are.
func following(_ projections: Projections, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await projections.run() }
        defer { group.cancelAll() }
        try await body()
    }
}

/// The migrations of the repository, as a new database gets them.
enum Schema {
    struct Unreadable: Error { let path: String }

    static func script() throws -> String {
        let folder = String(#filePath.prefix(upTo: #filePath.range(ofPath: "/Tests/")))
        return roles + (try text(of: "\(folder)/schemas/postgres/0001_event_log.sql"))
            + (try text(of: "\(folder)/schemas/postgres/0002_read_models.sql"))
    }

    /// Roles belong to the cluster, which other databases of this process share.
    private static let roles = ["fastn_writer", "fastn_reader", "fastn_system"].map { role in
        "do $$ begin create role \(role); exception when duplicate_object or unique_violation then null; end $$;\n"
    }.joined()

    private static func text(of path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// Where the last occurrence of a part begins.
    fileprivate func range(ofPath part: String) -> Index {
        indices.last { self[$0...].hasPrefix(part) } ?? endIndex
    }
}
