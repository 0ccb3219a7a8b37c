import Domain
import EventLog
import EventSourcing
import EventStoreConformance
import Glibc
import Testing
import Vocabulary

@Suite struct `Entities of many tenants` {
    private static let isLong = getenv("FASTN_LONG_TESTS") != nil
    private static let known = isLong ? 100_000 : 2000
    private static let activated = isLong ? 10_000 : 500
    private static let bound = isLong ? 500 : 50

    /// Many more are known than fit, and each is what its events make of it when it is asked for.
    @Test func `are activated in turn within the bound of memory`() async throws {
        try await withEventLog { log, _ in
            let ids = SystemIDs()
            let tenants: [TenantID] = (0..<Self.known).map { _ in ids.next() }
            try await create(tenants, in: log, ids)
            let memory = EntityMemory(.init(entities: Self.bound))
            let directory = EntityDirectory<TenantDecider>(store: log.store, ids: ids, trail: nil, memory: memory)
            var resident: [Int] = []
            for (place, tenant) in tenants.shuffled().prefix(Self.activated).enumerated() {
                #expect(try await directory.state(at: address(tenant)) == .present(space: tenants[0], name: "\(tenant)", externalID: nil))
                #expect(memory.report.residents <= Self.bound)
                if (place + 1) % (Self.activated / 5) == 0 { resident.append(try Self.residentBytes()) }
            }
            #expect(memory.report.evictions == Self.activated - Self.bound)
            // In a short run other tests of the process allocate meanwhile.
            if Self.isLong { #expect(resident[4] - resident[0] < 16 << 20, "resident bytes after each fifth: \(resident)") }
        }
    }

    private func address(_ tenant: TenantID) -> StreamAddress {
        StreamAddress(tenant: tenant, stream: tenant.recast(), category: TenantDecider.category)
    }

    private func create(_ tenants: [TenantID], in log: EventLog, _ ids: SystemIDs) async throws {
        let callers = 64
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for place in stride(from: caller, to: tenants.count, by: callers) {
                        let envelope = CommandEnvelope(
                            commandID: ids.next(), principal: .system("test"), correlation: ids.next(), lane: .p1, isRemembered: false)
                        let created = TenantEvent.created(space: tenants[0], name: "\(tenants[place])", externalID: nil)
                        let event = NewEvent(id: ids.next(), form: created.stored, meta: EventMeta(envelope))
                        _ = try await log.store.append(AppendBatch(address: address(tenants[place]), expected: .none, events: [event]))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Source: proc(5), "/proc/pid/statm", second field.
    private static func residentBytes() throws -> Int {
        let file = try #require(fopen("/proc/self/statm", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 200)
        try #require(fgets(&line, Int32(line.count), file) != nil)
        let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split(separator: " ")
        return try #require(Int(fields[1])) * sysconf(Int32(_SC_PAGESIZE))
    }
}
