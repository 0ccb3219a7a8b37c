package import EventSourcing
import Vocabulary

/// What every store of snapshots promises, as checks that run on any of them; each makes streams of its own.
package enum SnapshotStoreConformance {
    package static let checks = [
        SnapshotCheck("answers the newest snapshot, with all that was kept of it") { fixture in
            try await fixture.save(3)
            let newest = try await fixture.save(7, provenance: [1, 0, 255])
            try fixture.expect(try await fixture.latest(), is: newest)
        },
        SnapshotCheck("knows nothing of a stream without snapshots, and nothing of another stream's") { fixture in
            try await fixture.save(3)
            let other = SnapshotFixture(store: fixture.store)
            try fixture.expect(try await other.latest(), is: nil)
        },
        SnapshotCheck("answers the newest one that is not beyond a version") { fixture in
            let (early, late) = (try await fixture.save(3), try await fixture.save(7))
            try fixture.expect(try await fixture.latest(upTo: 6), is: early)
            try fixture.expect(try await fixture.latest(upTo: 7), is: late)
            try fixture.expect(try await fixture.latest(upTo: 2), is: nil)
        },
        SnapshotCheck("leaves out what another fold made") { fixture in
            let old = try await fixture.save(3, fold: 1)
            try await fixture.save(7, fold: 2)
            try fixture.expect(try await fixture.latest(fold: 1), is: old)
            try fixture.expect(try await fixture.latest(fold: 3), is: nil)
        },
        SnapshotCheck("saved out of order, an old one does not displace a newer one") { fixture in
            let newest = try await fixture.save(9)
            for version in [3, 8, 5] { try await fixture.save(Int32(version)) }
            try fixture.expect(try await fixture.latest(), is: newest)
        },
        SnapshotCheck("of one version the higher fold wins, in whatever order they come") { fixture in
            for folds in [[1, 2], [2, 1]] {
                let fixture = SnapshotFixture(store: fixture.store)
                for fold in folds { try await fixture.save(4, fold: Int32(fold)) }
                try fixture.expect(try await fixture.latest(fold: 2)?.foldVersion, is: 2)
                try fixture.expect(try await fixture.latest(fold: 1), is: nil)
            }
        },
        SnapshotCheck("keeps the newest two of those without provenance, and all that have it") { fixture in
            try await fixture.save(1, provenance: [7])
            for version in [2, 4, 6, 8] { try await fixture.save(Int32(version)) }
            try fixture.expect(try await fixture.latest(upTo: 7)?.version.number, is: 6)
            try fixture.expect(try await fixture.latest(upTo: 5)?.version.number, is: 1)
            // One that comes too late to be of use is not kept.
            try await fixture.save(3)
            try fixture.expect(try await fixture.latest(upTo: 5)?.version.number, is: 1)
        },
        SnapshotCheck("finds one with provenance behind newer ones without") { fixture in
            let wanted = try await fixture.save(3, provenance: [])
            try await fixture.save(7)
            try fixture.expect(try await fixture.latest(withProvenance: true), is: wanted)
        },
        SnapshotCheck("a snapshot of the same version adds provenance, and does not take it away") { fixture in
            try await fixture.save(3)
            let full = try await fixture.save(3, provenance: [1])
            try await fixture.save(3)
            try fixture.expect(try await fixture.latest(), is: full)
        },
    ]
}

/// One promise.
package struct SnapshotCheck: Sendable, CustomStringConvertible {
    /// The promise in words.
    package let description: String
    private let body: @Sendable (SnapshotFixture) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (SnapshotFixture) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Throws `BrokenSnapshotPromise`, or what the store threw.
    package func run(on store: any SnapshotStore) async throws { try await body(SnapshotFixture(store: store)) }
}

/// A store did not do what it promises.
package struct BrokenSnapshotPromise: Error, CustomStringConvertible {
    package let description: String
}

/// A stream of its own in a store.
struct SnapshotFixture: Sendable {
    let store: any SnapshotStore
    private let address = StreamAddress(
        tenant: TenantID(bits: .random(in: .min ... .max)), stream: StreamID(bits: .random(in: .min ... .max)), category: Category("sample"))

    init(store: any SnapshotStore) { self.store = store }

    @discardableResult
    func save(_ version: Int32, fold: Int32 = 1, provenance: [UInt8]? = nil) async throws -> Snapshot {
        let snapshot = Snapshot(
            version: StreamVersion(version), position: Int64(version) + 100, recordedAt: Timestamp(microseconds: 1_700_000_000_000_001),
            foldVersion: fold, body: [UInt8(truncatingIfNeeded: version), 0, 255], provenance: provenance)
        try await store.save(snapshot, of: address)
        return snapshot
    }

    func latest(fold: Int32 = 1, upTo version: Int32? = nil, withProvenance: Bool = false) async throws -> Snapshot? {
        try await store.latest(of: address, foldVersion: fold, upTo: version.map { StreamVersion($0) }, withProvenance: withProvenance)
    }

    func expect<Value: Equatable>(
        _ found: Value, is wanted: Value, file: StaticString = #fileID, line: Int = #line
    ) throws {
        guard found == wanted else { throw BrokenSnapshotPromise(description: "found \(found), wanted \(wanted) (\(file):\(line))") }
    }
}
