import EventSourcing
import Vocabulary

extension EventStoreConformance {
    static let resendChecks = [
        ConformanceCheck("the same batch sent again is found, whatever version it expects") { fixture in
            for expected in [ExpectedVersion.none, .any] {
                let batch = fixture.batch(fixture.stream(), expected, count: 2)
                let receipt = try await fixture.append(batch)
                try expect(try await fixture.store.append(batch), is: .already(receipt))
            }
            let stream = fixture.stream()
            try await fixture.append(fixture.batch(stream, .none))
            let second = fixture.batch(stream, .exactly(StreamVersion(1)), count: 2)
            let receipt = try await fixture.append(second)
            try await fixture.append(fixture.batch(stream, .exactly(StreamVersion(3))))
            try expect(try await fixture.store.append(second), is: .already(receipt))
        },
        ConformanceCheck("the same events under the stream's current version are found and not stored twice") { fixture in
            let stream = fixture.stream()
            let batch = fixture.batch(stream, .none, count: 2)
            let receipt = try await fixture.append(batch)
            let again = AppendBatch(address: stream, expected: .exactly(StreamVersion(2)), events: batch.events)
            try expect(try await fixture.store.append(again), is: .already(receipt))
            try expect(try await fixture.store.read(stream, after: .none, limit: 10).count, is: 2)
        },
        ConformanceCheck("any run of stored events is found, whatever version it expects") { fixture in
            let stream = fixture.stream()
            let batch = fixture.batch(stream, .none, count: 4)
            let receipt = try await fixture.append(batch)
            try await fixture.append(fixture.batch(stream, .exactly(StreamVersion(4))))
            for (first, last) in [(0, 0), (0, 2), (1, 2), (2, 3), (3, 3), (0, 3)] {
                for expected in [ExpectedVersion.none, .any, .exactly(StreamVersion(2)), .exactly(StreamVersion(5)), .exactly(StreamVersion(9))] {
                    let part = AppendBatch(address: stream, expected: expected, events: Array(batch.events[first...last]))
                    guard case .already(let found) = try await fixture.store.append(part) else {
                        throw BrokenPromise(description: "events \(first) to \(last) were not found under \(expected)")
                    }
                    try expect(found.version, is: StreamVersion(Int32(first + 1)))
                    try expect(found.first.position, is: receipt.first.position + Int64(first))
                }
            }
            try expect(try await fixture.store.read(stream, after: .none, limit: 10).count, is: 5)
        },
        ConformanceCheck("a batch of 500 events of which one is stored elsewhere leaves nothing") { fixture in
            let tenant: TenantID = fixture.ids.next()
            let (owner, other) = (fixture.stream(of: tenant), fixture.stream(of: tenant))
            let stored = fixture.batch(owner, .none)
            try await fixture.append(stored)
            var events = fixture.batch(other, .none, count: 499).events
            events.insert(stored.events[0], at: 250)
            let code = try await fixture.failure(of: AppendBatch(address: other, expected: .none, events: events))
            try expect(fixture.isCorrupt(code), "\(code) for a stolen event among 500")
            try expect(try await fixture.store.read(other, after: .none, limit: 1000).count, is: 0)
            try await fixture.append(fixture.batch(other, .none, count: 500))
            try expect(try await fixture.store.read(other, after: .none, limit: 1000).map(\.version.number), is: Array(1...500))
        },
        ConformanceCheck("more than a stored batch is an error") { fixture in
            let stream = fixture.stream()
            let batch = fixture.batch(stream, .none)
            try await fixture.append(batch)
            for expected in [ExpectedVersion.none, .any] {
                let superset = AppendBatch(address: stream, expected: expected, events: batch.events + [fixture.event()])
                try expect(fixture.isCorrupt(try await fixture.failure(of: superset)), "a superset was not refused")
            }
            try expect(try await fixture.store.read(stream, after: .none, limit: 10).count, is: 1)
        },
        ConformanceCheck("a stored batch in another order is an error") { fixture in
            let stream = fixture.stream()
            let batch = fixture.batch(stream, .none, count: 2)
            try await fixture.append(batch)
            let turned = AppendBatch(address: stream, expected: .none, events: batch.events.reversed())
            try expect(fixture.isCorrupt(try await fixture.failure(of: turned)), "another order was not refused")
        },
        ConformanceCheck("an event of another stream is an error") { fixture in
            let stream = fixture.stream()
            let batch = fixture.batch(stream, .none)
            try await fixture.append(batch)
            let other = fixture.stream(of: stream.tenant)
            let stolen = AppendBatch(address: other, expected: .none, events: batch.events)
            try expect(fixture.isCorrupt(try await fixture.failure(of: stolen)), "a foreign id was not refused")
            try expect(try await fixture.store.read(other, after: .none, limit: 10).count, is: 0)
        },
        ConformanceCheck("a refused batch leaves the store as it was, and positions close up over it") { fixture in
            let tenant: TenantID = fixture.ids.next()
            let taken = Reservation(scope: tenant, kind: "sample.name", key: "only one")
            var first = fixture.batch(fixture.stream(of: tenant), .none)
            first.reservations = [taken]
            let before = try await fixture.append(first)
            var refused = fixture.batch(fixture.stream(of: tenant), .none, count: 5)
            refused.reservations = [taken]
            refused.marks = ["mark"]
            refused.work = .asks(.run, .p1, due: nil)
            try expect(try await fixture.store.append(refused), is: .taken)
            try expect(try await fixture.store.receipt(ofMark: "mark", tenant: tenant), is: nil)
            try expect(try await fixture.store.job(of: refused.address.stream, in: refused.address.slice), is: nil)
            let after = try await fixture.append(fixture.batch(fixture.stream(of: tenant), .none))
            try expect(after.first.position > before.first.position, "positions do not grow")
            let between = try await fixture.store.read(after.first.slice, after: before.first.position, limit: 1000)
            try expect(between.map(\.position.position), is: Array((before.first.position + 1)...(before.first.position + Int64(between.count))))
            try expect(between.allSatisfy { $0.address.stream != refused.address.stream }, "a refused event is stored")
        },
    ]
}
