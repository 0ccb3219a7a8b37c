import EventLog
import EventSourcing
import EventStoreConformance
import Glibc
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

/// A running log with checkpoints, what changes it behind its back, and what verifies it.
struct TamperedLog: Sendable {
    let log: EventLog
    let database: TestDatabase
    /// Holds checkpoints and keys.
    let folder: String
    /// Of the one slice that `fill` fills.
    private let tenant: TenantID
    private let ids = SystemIDs()

    /// Entries that `fill` leaves in its slice, in streams of 5.
    private static let filled = 40

    var store: PostgresEventStore { log.store }
    var publicKeyPath: String { "\(folder)/checkpoint.pub" }
    private var checkpointFolder: String { "\(folder)/checkpoints" }

    init(log: EventLog, database: TestDatabase, folder: String) {
        (self.log, self.database, self.folder) = (log, database, folder)
        tenant = ids.next()
    }

    /// Appends to the streams of one slice in turn, and keeps a copy of all rows.
    func fill() async throws {
        let fixture = ConformanceFixture(store: store)
        let streams = (0..<8).map { _ in fixture.stream(of: tenant) }
        for _ in 0..<(Self.filled / streams.count) {
            for stream in streams { try await fixture.append(fixture.batch(stream, .any)) }
        }
        try await administrate(database) {
            try $0.script("create table saved_events as select * from events; create table saved_slice_log as select * from slice_log")
        }
    }

    func export() async throws { await log.exportCheckpoint() }

    func verify() async throws -> LogVerification {
        let key = try PublicKeyFile(path: publicKeyPath).read()
        return try await LogVerifier(connectionString: database.connectionString, checkpoints: checkpointFolder, publicKey: key).run()
    }

    /// Neither the first entry, which follows nothing, nor one of the last, behind which nothing shows what was done.
    func randomPlace(using random: inout SystemRandomNumberGenerator) -> TamperedPlace {
        let end = Int64(Self.filled)
        return TamperedPlace(slice: Slice(of: tenant).number, position: .random(in: 2...(end - 4), using: &random), end: end)
    }

    /// What a verification says after the change, which is taken back.
    func fault(after tampering: Tampering, at place: TamperedPlace) async throws -> LogFault? {
        let script = tampering.script.replacing("$s", with: "\(place.slice)").replacing("$p", with: "\(place.position)")
        try await change(script)
        let fault = try await verify().fault
        try await change("delete from events; insert into events select * from saved_events")
        try await change("delete from slice_log; insert into slice_log select * from saved_slice_log")
        return fault
    }

    /// As a superuser who has switched the triggers off.
    private func change(_ script: String) async throws {
        try await administrate(database) { try $0.script("set session_replication_role = replica; \(script)") }
    }

    func checkpointFiles() throws -> [String] {
        let folder = try #require(opendir(checkpointFolder))
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasPrefix("checkpoint-") { names.append("\(checkpointFolder)/\(name)") }
        }
        return names.sorted()
    }

    func readFile(_ path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        return String(decoding: buffer[..<fread(&buffer, 1, buffer.count, file)], as: UTF8.self)
    }

    func writeFile(_ path: String, _ text: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }
}

/// Runs `body` with a log of its own; with `afterwards` a second one takes over when the first has stopped, `between` the two.
func withTamperedLog(
    _ body: @escaping (TamperedLog) async throws -> Void, between: (TamperedLog) async throws -> Void = { _ in },
    afterwards: ((TamperedLog) async throws -> Void)? = nil
) async throws {
    try await withEmptyLog { database, configuration in
        let folder = String(configuration.keyFile.dropLast("/key".count))
        var configuration = configuration
        configuration.checkpoints = CheckpointSettings(
            folder: "\(folder)/checkpoints", keyFile: "\(folder)/checkpoint.key", publicKeyFile: "\(folder)/checkpoint.pub")
        defer { removeCheckpoints(of: folder) }
        for (number, body) in [body, afterwards].compactMap({ $0 }).enumerated() {
            let log = EventLog(configuration: configuration, ids: SystemIDs(), logger: silentLogger)
            try await log.prepare()
            let tampered = TamperedLog(log: log, database: database, folder: folder)
            try await withRunning(log) { try await body(tampered) }
            if number == 0 { try await between(tampered) }
        }
    }
}

private func removeCheckpoints(of folder: String) {
    // More than any test exports.
    for number in 1...10 { unlink("\(folder)/checkpoints/checkpoint-\(String(repeating: "0", count: number < 10 ? 8 : 7))\(number)") }
    rmdir("\(folder)/checkpoints")
    for name in ["checkpoint.key", "checkpoint.pub"] { unlink("\(folder)/\(name)") }
}
