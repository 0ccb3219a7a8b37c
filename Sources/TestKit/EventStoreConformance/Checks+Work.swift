import EventSourcing
import Vocabulary

extension EventStoreConformance {
    static let workChecks = [
        ConformanceCheck("work is asked for, replaced and done with the events that say so") { fixture in
            let stream = fixture.stream()
            var ask = fixture.batch(stream, .none)
            ask.work = .asks(.route, .p2, due: nil)
            let receipt = try await fixture.append(ask)
            let asked = Job(stream: stream.stream, kind: .route, lane: .p2, tenant: stream.tenant, due: receipt.recordedAt)
            let found = try await fixture.store.job(of: stream.stream, in: stream.slice)
            try expect(found?.kind, is: .route)
            try expect(found?.tenant, is: stream.tenant)
            try expect(try await isReady(asked, fixture), "a job without a time is not ready")

            let later = fixture.ids.now() + .seconds(3600)
            var replace = fixture.batch(stream, .any)
            replace.work = .asks(.run, .p3, due: later)
            try await fixture.append(replace)
            let replaced = Job(stream: stream.stream, kind: .run, lane: .p3, tenant: stream.tenant, due: later)
            try expect(try await fixture.store.job(of: stream.stream, in: stream.slice), is: replaced)
            try expect(try await !isReady(replaced, fixture), "a job is ready before its time")

            try await fixture.append(fixture.batch(stream, .any))
            try expect(try await fixture.store.job(of: stream.stream, in: stream.slice), is: replaced)
            var done = fixture.batch(stream, .any)
            done.work = .done
            try await fixture.append(done)
            try expect(try await fixture.store.job(of: stream.stream, in: stream.slice), is: nil)
            done = fixture.batch(stream, .any)
            done.work = .done
            try await fixture.append(done)
        },
        ConformanceCheck("a batch that is not stored asks for no work") { fixture in
            let stream = fixture.stream()
            var ask = fixture.batch(stream, .exactly(StreamVersion(4)))
            ask.work = .asks(.run, .p1, due: nil)
            try expect(try await fixture.store.append(ask), is: .conflict(actual: .none))
            try expect(try await fixture.store.job(of: stream.stream, in: stream.slice), is: nil)
        },
        ConformanceCheck("ready work is given oldest first and bounded for each lane") { fixture in
            let tenant: TenantID = fixture.ids.next()
            // Far in the past, so that no other check's jobs come before these.
            let times = (0..<4).map { Timestamp(microseconds: 1_000_000 + Int64($0)) }
            for (lane, time) in Lane.allCases.flatMap({ lane in times.reversed().map { (lane, $0) } }) {
                var ask = fixture.batch(fixture.stream(of: tenant), .none)
                ask.work = .asks(.run, lane, due: time)
                try await fixture.append(ask)
            }
            let ready = try await fixture.store.readyJobs(limitPerLane: 3)
            for lane in Lane.allCases {
                try expect(ready.filter { $0.lane == lane }.map(\.due), is: Array(times.prefix(3)))
            }
        },
        ConformanceCheck("state values are written with events, the last write counting, until they are deleted or expire") { fixture in
            let stream = fixture.stream()
            let scope = StateScopeID(bits: fixture.ids.random128())
            let now = fixture.ids.now()
            func write(_ writes: [StateWrite]) async throws {
                var batch = fixture.batch(stream, .any)
                batch.stateWrites = writes
                try await fixture.append(batch)
            }
            func value(_ key: String) async throws -> [UInt8]? { try await fixture.store.stateValue(scope: scope, key: key, tenant: stream.tenant) }
            try await write([
                StateWrite(scope: scope, key: "a", value: [1]), StateWrite(scope: scope, key: "a", value: [0, 255]),
                StateWrite(scope: scope, key: "empty", value: []), StateWrite(scope: scope, key: "old", value: [3], expires: now + .seconds(-1)),
                StateWrite(scope: scope, key: "young", value: [4], expires: now + .seconds(3600)),
                StateWrite(scope: scope, key: "undone", value: [5]), StateWrite(scope: scope, key: "undone", value: nil),
            ])
            try expect(try await value("a"), is: [0, 255])
            try expect(try await value("empty"), is: [])
            try expect(try await value("old"), is: nil)
            try expect(try await value("young"), is: [4])
            try expect(try await value("undone"), is: nil)
            try await write([StateWrite(scope: scope, key: "a", value: nil), StateWrite(scope: scope, key: "never there", value: nil)])
            try expect(try await value("a"), is: nil)
            try await write([StateWrite(scope: scope, key: "a", value: [7])])
            try expect(try await value("a"), is: [7])
            try expect(try await fixture.store.stateValue(scope: StateScopeID(bits: scope.bits &+ 1), key: "a", tenant: stream.tenant), is: nil)
            try expect(try await fixture.store.stateValue(scope: scope, key: "a", tenant: fixture.stream().tenant), is: nil)
        },
    ]

    private static func isReady(_ job: Job, _ fixture: ConformanceFixture) async throws -> Bool {
        try await fixture.store.readyJobs(limitPerLane: 10_000).contains { $0.stream == job.stream && $0.kind == job.kind && $0.lane == job.lane }
    }
}
