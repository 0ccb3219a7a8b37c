import EventSourcing
import Vocabulary

extension EventStoreConformance {
    static let versionChecks = [
        ConformanceCheck("a new stream takes none and any, and no version") { fixture in
            for expected in [ExpectedVersion.none, .any] {
                let receipt = try await fixture.append(fixture.batch(fixture.stream(), expected, count: 2))
                try expect(receipt.version, is: StreamVersion(1))
            }
            let outcome = try await fixture.store.append(fixture.batch(fixture.stream(), .exactly(StreamVersion(1))))
            try expect(outcome, is: .conflict(actual: .none))
        },
        ConformanceCheck("a stream takes its own version and any, and refuses a writer behind, a writer ahead and none") { fixture in
            let stream = fixture.stream()
            try await fixture.append(fixture.batch(stream, .none, count: 3))
            for expected in [ExpectedVersion.none, .exactly(StreamVersion(2)), .exactly(StreamVersion(4)), .exactly(.none)] {
                let outcome = try await fixture.store.append(fixture.batch(stream, expected))
                try expect(outcome, is: .conflict(actual: StreamVersion(3)))
            }
            try expect(try await fixture.append(fixture.batch(stream, .exactly(StreamVersion(3)))).version, is: StreamVersion(4))
            try expect(try await fixture.append(fixture.batch(stream, .any)).version, is: StreamVersion(5))
        },
        ConformanceCheck("every expected version has its outcome on every stream") { fixture in
            let length: Int32 = 3
            let expectations: [ExpectedVersion] = [.none, .any] + [0, 1, length - 1, length, length + 1, 1000].map { .exactly(StreamVersion($0)) }
            for (stored, accepted) in [(Int32(0), [ExpectedVersion.none, .any, .exactly(.none)]), (length, [.any, .exactly(StreamVersion(length))])] {
                for expected in expectations {
                    let stream = fixture.stream()
                    if stored > 0 { try await fixture.append(fixture.batch(stream, .none, count: Int(stored))) }
                    let batch = fixture.batch(stream, expected, count: 2)
                    switch try await fixture.store.append(batch) {
                    case .appended(let receipt):
                        try expect(accepted.contains(expected), "\(expected) was accepted by a stream of \(stored) events")
                        try expect(receipt.version, is: StreamVersion(stored + 1))
                    case let outcome:
                        try expect(!accepted.contains(expected), "\(expected) was refused by a stream of \(stored) events")
                        try expect(outcome, is: .conflict(actual: StreamVersion(stored)))
                    }
                    let read = try await fixture.store.read(stream, after: .none, limit: 100)
                    try expect(read.count, is: Int(stored) + (accepted.contains(expected) ? 2 : 0))
                }
            }
        },
        ConformanceCheck("of 50 appends that expect none at once one is stored") { fixture in
            let stream = fixture.stream()
            let outcomes = try await atOnce(50) { try await fixture.store.append(fixture.batch(stream, .none)) }
            let winners = outcomes.filter { if case .appended = $0 { true } else { false } }
            try expect(winners.count, is: 1)
            try expect(outcomes.filter { $0 == .conflict(actual: StreamVersion(1)) }.count, is: 49)
            try expect(try await fixture.store.read(stream, after: .none, limit: 100).count, is: 1)
        },
        ConformanceCheck("50 appends that expect any at once are all stored, with dense versions and positions") { fixture in
            let stream = fixture.stream()
            let receipts = try await atOnce(50) { try await fixture.append(fixture.batch(stream, .any, count: 2)) }
            try expect(Set(receipts.map(\.version.number)), is: Set((0..<50).map { Int32(2 * $0 + 1) }))
            let events = try await fixture.store.read(stream, after: .none, limit: 200)
            try expect(events.map(\.version.number), is: Array(1...100))
            let positions = events.map(\.position.position)
            try expect(positions, is: positions.sorted())
        },
        ConformanceCheck("a batch without events is refused") { fixture in
            let code = try await fixture.failure(of: fixture.batch(fixture.stream(), .any, count: 0))
            guard case .invalid = code else { throw BrokenPromise(description: "\(code) for an empty batch") }
        },
    ]
}
