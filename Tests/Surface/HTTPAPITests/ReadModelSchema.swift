import Glibc

/// The migrations of the repository, as a new database gets them.
enum ReadModelSchema {
    struct Unreadable: Error { let path: String }

    static func script() throws -> String {
        roles + (try text(of: "schemas/postgres/0001_event_log.sql")) + (try text(of: "schemas/postgres/0002_read_models.sql"))
    }

    /// A file of the repository, by its path from the top.
    static func text(of path: String) throws -> String {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        let top = parts.lastIndex(of: "Tests") ?? parts.endIndex
        guard let file = fopen((parts[..<top] + [Substring(path)]).joined(separator: "/"), "r") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Roles belong to the cluster, which other databases of this process share.
    private static let roles = ["fastn_writer", "fastn_reader", "fastn_system"].map { role in
        "do $$ begin create role \(role); exception when duplicate_object or unique_violation then null; end $$;\n"
    }.joined()
}
