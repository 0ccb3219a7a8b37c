import Domain
import EventSourcing
import Testing
import Vocabulary

@testable import Projections

@Suite struct `The place of a reader` {
    private static let slice = Slice(of: TenantID(bits: 0xc1))
    private static let start = [Int64](repeating: 0, count: Slice.count)

    /// So many events of one slice that follow the place.
    private func batch(_ count: Int, after place: ReadingPlace) async throws -> LogBatch {
        let meta = EventMeta(
            CommandEnvelope(commandID: CommandID(bits: 1), principal: .system("test"), correlation: CorrelationID(bits: 1), lane: .p1))
        let address = StreamAddress(tenant: TenantID(bits: 0xc1), stream: StreamID(bits: 2), category: RunDecider.category)
        let end = place.positions[Int(Self.slice.number)] + Int64(count)
        return try await LogBatch(of: [Self.slice], after: place.positions, for: "a test") { slice, position, limit in
            (0..<min(Int64(limit), end - position)).map { offset in
                RecordedEvent(
                    address: address, position: LogPosition(slice: slice, position: position + offset + 1), version: .none,
                    id: EventID(bits: UInt128(position + offset + 1)), form: StoredForm("comet.sighted", [:]), meta: meta, recordedAt: .epoch)
            }
        }
    }

    @Test func `moves the checkpoints over all that was passed since they were moved last`() async throws {
        var place = ReadingPlace(Self.start, revision: 0, parked: [])
        for _ in 0..<2 { place.pass(over: try await batch(100, after: place)) }
        #expect(place.steps.map(\.slice) == [Self.slice])
        #expect(place.steps.map(\.old) == [0])
        #expect(place.steps.map(\.new) == [200])
        place.note()
        #expect(place.steps.isEmpty)
        place.pass(over: try await batch(1, after: place))
        #expect(place.steps.map(\.old) == [200])
    }

    @Test func `is overdue after ten thousand events that its view has no rows for`() async throws {
        var place = ReadingPlace(Self.start, revision: 0, parked: [])
        #expect(!place.isOverdue)
        for _ in 0..<10 { place.pass(over: try await batch(1000, after: place)) }
        #expect(place.isOverdue)
        place.note()
        #expect(!place.isOverdue)
    }
}
