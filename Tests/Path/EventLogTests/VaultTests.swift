import EventLog
import EventSourcing
import EventStoreConformance
import Glibc
import PostgresDriver
import PostgresTestKit
import Testing
import Vocabulary

@Suite struct `The vault` {
    private let ids = SystemIDs()

    @Test func `gives back what was sealed, for its tenant and name alone`() async throws {
        try await withEventLog { log, database in
            let (tenant, other): (TenantID, TenantID) = (ids.next(), ids.next())
            let value = Array("very secret \u{0} value".utf8)
            let id = try await log.vault.seal(value, tenant: tenant, name: "token")
            #expect(try await log.vault.open(id, tenant: tenant, name: "token") == value)
            for (tenant, name) in [(other, "token"), (tenant, "other")] {
                await #expect(throws: VaultError.missing) { _ = try await log.vault.open(id, tenant: tenant, name: name) }
            }
            let stored = try await administrate(database) { try $0.execute("select sealed from vault").first?.bytes(0) }
            #expect(stored?.count == value.count + 28)
        }
    }

    @Test func `does not open a record that was moved to another tenant or changed`() async throws {
        try await withEventLog { log, database in
            let (tenant, other): (TenantID, TenantID) = (ids.next(), ids.next())
            let id = try await log.vault.seal([1, 2, 3], tenant: tenant, name: "token")
            _ = try await administrate(database) { try $0.execute("update vault set tenant_id = $1", [.uuid(other.bits)]) }
            await #expect(throws: VaultError.undecipherable) { _ = try await log.vault.open(id, tenant: other, name: "token") }
        }
    }

    @Test func `makes its key file for its owner alone, and opens its secrets after a restart`() async throws {
        try await withEmptyLog { _, configuration in
            let keyFile = configuration.keyFile
            let tenant: TenantID = ids.next()
            let id = try await withStarted(configuration) { try await $0.vault.seal([7], tenant: tenant, name: "token") }
            var status = stat()
            #expect(stat(keyFile, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(try await withStarted(configuration) { try await $0.vault.open(id, tenant: tenant, name: "token") } == [7])
        }
    }

    @Test func `two that start at once on nothing have one key, and leave no other file`() async throws {
        try await withEmptyLog { _, configuration in
            let logs = (0..<4).map { _ in EventLog(configuration: configuration, ids: ids, logger: silentLogger) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for log in logs { group.addTask { try await log.prepare() } }
                try await group.waitForAll()
            }
            let tenant: TenantID = ids.next()
            let id = try await withStarted(configuration) { try await $0.vault.seal([7], tenant: tenant, name: "token") }
            #expect(try await withStarted(configuration) { try await $0.vault.open(id, tenant: tenant, name: "token") } == [7])
            let keyFile = configuration.keyFile
            let folder = try #require(keyFile.lastIndex(of: "/").map { String(keyFile[..<$0]) })
            #expect(try names(in: folder) == ["key"])
        }
    }

    private func names(in folder: String) throws -> [String] {
        let directory = try #require(opendir(folder))
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    @Test func `refuses to start without its key, with another one, or with none at all in the file`() async throws {
        try await withEmptyLog { _, configuration in
            let keyFile = configuration.keyFile
            let tenant: TenantID = ids.next()
            _ = try await withStarted(configuration) { try await $0.vault.seal([7], tenant: tenant, name: "token") }
            let log = EventLog(configuration: configuration, ids: ids, logger: silentLogger)
            unlink(keyFile)
            await #expect(throws: VaultKeyError.missing(path: keyFile)) { try await log.prepare() }
            try write(String(repeating: "ab", count: 32), to: keyFile)
            await #expect(throws: VaultKeyError.wrong(path: keyFile)) { try await log.prepare() }
            try write("not a key", to: keyFile)
            await #expect(throws: VaultKeyError.malformed(path: keyFile)) { try await log.prepare() }
        }
    }

    private func withStarted<Value: Sendable>(
        _ configuration: EventLogConfiguration, _ body: (EventLog) async throws -> Value
    ) async throws -> Value {
        let log = EventLog(configuration: configuration, ids: ids, logger: silentLogger)
        try await log.prepare()
        return try await withRunning(log) { try await body(log) }
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }
}
