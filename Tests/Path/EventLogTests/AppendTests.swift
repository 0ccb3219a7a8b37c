import EventLog
import EventSourcing
import EventStoreConformance
import PostgresDriver
import PostgresTestKit
import Synchronization
import Testing
import Vocabulary

@Suite struct `Appending in groups` {
    @Test func `a slice that moved under the writer delays nobody else, and what was stored before is still told as that`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let moved: TenantID = fixture.ids.next()
            var others: [TenantID] = []
            while others.count < 4 {
                let tenant: TenantID = fixture.ids.next()
                if Slice(of: tenant) != Slice(of: moved) { others.append(tenant) }
            }
            let tenants = [moved] + others
            let stored = tenants.map { fixture.batch(fixture.stream(of: $0), .none) }
            var receipts: [AppendReceipt] = []
            for batch in stored { receipts.append(try await fixture.append(batch)) }
            let fresh = tenants.map { fixture.batch(fixture.stream(of: $0), .none) }
            let slice = Slice(of: moved).number
            _ = try await administrate(database) {
                try $0.execute(
                    """
                    with foreign_entry as (
                      insert into events select slice, 100, era, tenant_id, gen_random_uuid(), 1, gen_random_uuid(), type, schema, recorded_at, epoch,
                        meta, body, codec, key_id, chain_hash from events where slice = $1 returning slice)
                    insert into slice_log (slice, pos, last_at) select slice, 100, clock_timestamp() from foreign_entry
                    """, [.int2(slice)])
            }
            let results = try await pileUp(stored + fresh, log, database).map { try $0.get() }
            #expect(Array(results.prefix(stored.count)) == receipts.map(AppendOutcome.already))
            for (batch, result) in zip(fresh, results.dropFirst(stored.count)) {
                guard case .appended(let receipt) = result else {
                    Issue.record("\(result) instead of appended")
                    continue
                }
                #expect(try await log.store.read(batch.address, after: .none, limit: 10).map(\.position) == [receipt.first])
            }
        }
    }

    @Test func `a batch that Postgres refuses does not fail its neighbours`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            // No partition holds a month of 1999.
            let poisoned = try #require(CalendarDay(year: 1999, month: 1, day: 1).map(Era.month))
            let batches = (0..<40).map { number in
                let address = StreamAddress(
                    tenant: fixture.ids.next(), stream: fixture.ids.next(), category: ConformanceFixture.category,
                    era: number == 17 ? poisoned : .lasting)
                return fixture.batch(address, .none)
            }
            for (number, result) in try await pileUp(batches, log, database).enumerated() {
                switch result {
                case .success(.appended): #expect(number != 17)
                case .failure(let error): #expect(number == 17 && isInvalid(error))
                case .success(let other): Issue.record("\(other)")
                }
            }
        }
    }

    @Test func `a conflict, a taken name and a repeated mark in a group are theirs alone`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let tenant: TenantID = fixture.ids.next()
            let name = Reservation(scope: tenant, kind: "sample.name", key: "name")
            var stored = fixture.batch(fixture.stream(of: tenant), .none)
            stored.marks = ["mark"]
            stored.reservations = [name]
            let receipt = try await fixture.append(stored)
            var batches = (0..<12).map { _ in fixture.batch(fixture.stream(of: tenant), .none) }
            batches[2] = fixture.batch(fixture.stream(of: tenant), .exactly(StreamVersion(5)))
            batches[5].reservations = [name]
            batches[7].marks = ["mark"]
            batches[9] = stored.with(events: stored.events)
            let outcomes = try await pileUp(batches, log, database).map { try $0.get() }
            let refused: [Int: AppendOutcome] = [2: .conflict(actual: .none), 5: .taken, 7: .repeated(receipt), 9: .repeated(receipt)]
            for (number, outcome) in outcomes.enumerated() {
                if let wanted = refused[number] { #expect(outcome == wanted) } else { #expect(outcome.isAppended) }
            }
            let positions = try await log.store.read(Slice(of: tenant), after: 0, limit: 100).map(\.position.position)
            #expect(positions == Array(1...Int64(positions.count)) && positions.count >= 9)
        }
    }

    @Test(arguments: ["type", "mark", "name", "state key", "principal", "long key"])
    func `text that Postgres cannot keep is refused before it is sent`(_ place: String) async throws {
        try await withEventLog { log, _ in
            let fixture = ConformanceFixture(store: log.store)
            let text = place == "long key" ? String(repeating: "k", count: 1025) : "a\u{0}b"
            let principal = Principal(kind: .user, id: place == "principal" ? text : "x")
            let envelope = CommandEnvelope(commandID: fixture.ids.next(), principal: principal, correlation: fixture.ids.next(), lane: .p1)
            let form = StoredForm(place == "type" ? "sample.\(text)" : "sample.happened", [:])
            let event = NewEvent(id: fixture.ids.next(), form: form, meta: EventMeta(envelope))
            var batch = AppendBatch(address: fixture.stream(), expected: .none, events: [event])
            switch place {
            case "mark", "long key": batch.marks = [text]
            case "name": batch.reservations = [Reservation(scope: batch.address.tenant, kind: "sample.name", key: text)]
            case "state key": batch.stateWrites = [StateWrite(scope: StateScopeID(bits: 1), key: text, value: [])]
            default: break
            }
            let error = await #expect(throws: EventStoreError.self) { _ = try await log.store.append(batch) }
            #expect(error.map(isInvalid) == true)
        }
    }

    @Test func `observers are told of new heads and of the work that is wanted`() async throws {
        try await withEventLog { log, _ in
            let observer = NoticeCollector()
            log.observe(observer)
            let fixture = ConformanceFixture(store: log.store)
            var batch = fixture.batch(fixture.stream(), .none, count: 3)
            batch.work = .asks(.route, .p1, due: nil)
            let receipt = try await fixture.append(batch)
            // The next answer comes after the notices of the commit before.
            try await fixture.append(fixture.batch(fixture.stream(), .none))
            let notices = observer.notices.withLock { $0 }
            #expect(notices.first?.heads == [LogPosition(slice: receipt.first.slice, position: receipt.first.position + 2)])
            let job = Job(stream: batch.address.stream, kind: .route, lane: .p1, tenant: batch.address.tenant, due: receipt.recordedAt)
            #expect(notices.first?.jobs == [job])
            #expect(try await log.store.job(of: job.stream, in: job.slice) == job)
        }
    }

    @Test func `more than may wait is refused at once`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            // 16 MB each, of which 64 MB may wait.
            let body = [UInt8](repeating: 7, count: 16 << 20)
            let batches = (0..<4).map { _ in
                AppendBatch(address: fixture.stream(), expected: .none, events: [fixture.event(attachment: body)])
            }
            let results = try await pileUp(Array(batches.prefix(3)), log, database) {}
            #expect(results.allSatisfy { if case .success(.appended) = $0 { true } else { false } })
            let tooLarge = AppendBatch(address: fixture.stream(), expected: .none, events: batches.flatMap(\.events))
            let error = await #expect(throws: EventStoreError.self) { _ = try await log.store.append(tooLarge) }
            #expect(error.map(isInvalid) == true)
        }
    }

    @Test func `stopping commits what was accepted and refuses what comes later`() async throws {
        try await withEventLog { log, database in
            let fixture = ConformanceFixture(store: log.store)
            let batches = (0..<20).map { _ in fixture.batch(fixture.stream(), .none) }
            let outcomes = try await pileUp(batches, log, database) { log.stop() }.map { try $0.get() }
            #expect(outcomes.allSatisfy { $0.isAppended })
            let error = await #expect(throws: EventStoreError.self) { try await fixture.append(fixture.batch(fixture.stream(), .none)) }
            #expect(error?.code == .unavailable)
            let stored = try await administrate(database) { try $0.execute("select count(*) from events").first?.int8(0) }
            #expect(stored == 22)
        }
    }
}

extension AppendOutcome {
    fileprivate var isAppended: Bool { if case .appended = self { true } else { false } }
}

private func isInvalid(_ error: EventStoreError) -> Bool { if case .invalid = error.code { true } else { false } }

private final class NoticeCollector: LogObserver {
    let notices = Mutex<[LogNotice]>([])
    func logDidAppend(_ notice: LogNotice) { notices.withLock { $0.append(notice) } }
}
