import EventSourcing
import Vocabulary

extension EventStoreConformance {
    static let keyChecks = [
        ConformanceCheck("a mark is done once, and tells where") { fixture in
            let stream = fixture.stream()
            var batch = fixture.batch(stream, .none, count: 2)
            batch.marks = ["a", "b"]
            let receipt = try await fixture.append(batch)
            for mark in batch.marks {
                try expect(try await fixture.store.receipt(ofMark: mark, tenant: stream.tenant), is: receipt)
                var again = fixture.batch(stream, .exactly(StreamVersion(2)))
                again.marks = ["fresh \(mark)", mark]
                try expect(try await fixture.store.append(again), is: .repeated(receipt))
            }
            try expect(try await fixture.store.receipt(ofMark: "fresh a", tenant: stream.tenant), is: nil)
            try expect(try await fixture.store.read(stream, after: .none, limit: 10).count, is: 2)
        },
        ConformanceCheck("the same mark of two tenants is two marks") { fixture in
            for _ in 0..<2 {
                var batch = fixture.batch(fixture.stream(), .none)
                batch.marks = ["shared"]
                try await fixture.append(batch)
            }
        },
        ConformanceCheck("a mark that is given 20 times at once is done once") { fixture in
            let tenant: TenantID = fixture.ids.next()
            let outcomes = try await atOnce(20) {
                var batch = fixture.batch(fixture.stream(of: tenant), .none)
                batch.marks = ["at once"]
                return try await fixture.store.append(batch)
            }
            let receipts = outcomes.compactMap { if case .appended(let receipt) = $0 { receipt } else { nil } }
            try expect(receipts.count, is: 1)
            try expect(outcomes.filter { $0 == .repeated(receipts[0]) }.count, is: 19)
        },
        ConformanceCheck("a name belongs to one stream until it is given back") { fixture in
            let tenant: TenantID = fixture.ids.next()
            let name = Reservation(scope: tenant, kind: "sample.name", key: "first")
            let owner = fixture.stream(of: tenant)
            var claim = fixture.batch(owner, .none)
            claim.reservations = [name]
            try await fixture.append(claim)
            // Its own stream may claim it again; another one, of another tenant even, may not.
            var repeated = fixture.batch(owner, .exactly(StreamVersion(1)))
            repeated.reservations = [name]
            try await fixture.append(repeated)
            var other = fixture.batch(fixture.stream(near: tenant), .none)
            other.reservations = [name]
            try expect(try await fixture.store.append(other), is: .taken)
            // Who does not hold a name cannot give it back.
            var foreign = fixture.batch(fixture.stream(of: tenant), .none)
            foreign.releases = [name]
            try await fixture.append(foreign)
            try expect(try await fixture.store.append(other), is: .taken)
            var release = fixture.batch(owner, .exactly(StreamVersion(2)))
            release.releases = [name]
            try await fixture.append(release)
            try await fixture.append(other)
        },
        ConformanceCheck("a batch that gives a name back and claims it again holds it") { fixture in
            let owner = fixture.stream()
            var claim = fixture.batch(owner, .none)
            claim.reservations = [Reservation(scope: owner.tenant, kind: "sample.name", key: "kept")]
            try await fixture.append(claim)
            var both = fixture.batch(owner, .exactly(StreamVersion(1)))
            (both.releases, both.reservations) = (claim.reservations, claim.reservations)
            try await fixture.append(both)
            var other = fixture.batch(fixture.stream(near: owner.tenant), .none)
            other.reservations = claim.reservations
            try expect(try await fixture.store.append(other), is: .taken)
        },
        ConformanceCheck("a name that 20 streams of many slices claim at once has one owner") { fixture in
            let scope: TenantID = fixture.ids.next()
            let outcomes = try await atOnce(20) {
                var batch = fixture.batch(fixture.stream(near: scope), .none)
                batch.reservations = [Reservation(scope: scope, kind: "sample.name", key: "wanted")]
                return try await fixture.store.append(batch)
            }
            try expect(outcomes.filter { $0 == .taken }.count, is: 19)
        },
        ConformanceCheck("kind and scope tell names apart") { fixture in
            let scopes: [TenantID] = [fixture.ids.next(), fixture.ids.next()]
            for scope in scopes {
                for kind in ["sample.name", "sample.slug"] {
                    var batch = fixture.batch(fixture.stream(near: scope), .none)
                    batch.reservations = [Reservation(scope: scope, kind: kind, key: "same")]
                    try await fixture.append(batch)
                }
            }
        },
    ]
}
