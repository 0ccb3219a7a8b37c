import EventSourcing
import Vocabulary

extension EventStoreConformance {
    static let orderChecks = [
        ConformanceCheck("a slice is read in order, without gap, in pages that meet") { fixture in
            let tenant: TenantID = fixture.ids.next()
            let slice = Slice(of: tenant)
            let start = try await fixture.store.heads()[slice] ?? 0
            _ = try await atOnce(10) { try await fixture.append(fixture.batch(fixture.stream(of: tenant), .none, count: 3)) }
            let head = try await fixture.store.heads()[slice] ?? 0
            try expect(head >= start + 30, "the head is behind what was appended")
            var positions: [Int64] = []
            for limit in [7, 1, 2, 1000] {
                positions += try await fixture.store.read(slice, after: start + Int64(positions.count), limit: limit).map(\.position.position)
            }
            try expect(positions.count >= 30, "\(positions.count) events were read")
            try expect(positions, is: Array((start + 1)...(start + Int64(positions.count))))
            try expect(try await fixture.store.read(slice, after: head + 1_000_000, limit: 10).count, is: 0)
        },
        ConformanceCheck("times grow strictly within a slice") { fixture in
            let tenant: TenantID = fixture.ids.next()
            _ = try await atOnce(20) { try await fixture.append(fixture.batch(fixture.stream(of: tenant), .none, count: 5)) }
            let events = try await fixture.store.read(Slice(of: tenant), after: 0, limit: 10_000)
            try expect(zip(events, events.dropFirst()).allSatisfy { $0.recordedAt < $1.recordedAt }, "two events have one time or go back")
        },
        ConformanceCheck("a stream is read by its own tenant and kind alone") { fixture in
            let stream = fixture.stream()
            try await fixture.append(fixture.batch(stream, .none, count: 2))
            // Somebody else of the same slice, where only the tenant tells the two apart.
            var other: TenantID = fixture.ids.next()
            while Slice(of: other) != stream.slice || other == stream.tenant { other = TenantID(bits: fixture.ids.random128()) }
            let stolen = StreamAddress(tenant: other, stream: stream.stream, category: stream.category)
            let mistaken = StreamAddress(tenant: stream.tenant, stream: stream.stream, category: Category("other"))
            for address in [stolen, mistaken] { try expect(try await fixture.store.read(address, after: .none, limit: 10).count, is: 0) }
            try expect(try await fixture.store.read(stream, after: .none, limit: 10).count, is: 2)
        },
        ConformanceCheck("a stream is read by version, and others stay out of it") { fixture in
            let stream = fixture.stream()
            try await fixture.append(fixture.batch(stream, .none, count: 5))
            try await fixture.append(fixture.batch(fixture.stream(of: stream.tenant), .none, count: 5))
            try expect(try await fixture.store.read(stream, after: StreamVersion(2), limit: 2).map(\.version.number), is: [3, 4])
            try expect(try await fixture.store.read(stream, after: StreamVersion(5), limit: 2).count, is: 0)
        },
        ConformanceCheck("an event comes back as it was given, with where and when") { fixture in
            let stream = StreamAddress(
                tenant: fixture.ids.next(), stream: fixture.ids.next(), category: ConformanceFixture.category,
                era: .month(fixture.ids.now().day.firstOfMonth()))
            let batch = fixture.batch(stream, .none, count: 2)
            let receipt = try await fixture.append(batch)
            let events = try await fixture.store.read(stream, after: .none, limit: 10)
            try expect(events.map(\.id), is: batch.events.map(\.id))
            try expect(events.map(\.form), is: batch.events.map(\.form))
            try expect(events.map(\.meta), is: batch.events.map(\.meta))
            try expect(events.map(\.address), is: [stream, stream])
            try expect(events.map(\.position.position), is: [receipt.first.position, receipt.first.position + 1])
            try expect(events[0].recordedAt, is: receipt.recordedAt)
            let bySlice = try await fixture.store.read(stream.slice, after: receipt.first.position - 1, limit: 2)
            try expect(bySlice.map(\.id), is: events.map(\.id))
            try expect(bySlice.map(\.address), is: [stream, stream])
        },
    ]
}
