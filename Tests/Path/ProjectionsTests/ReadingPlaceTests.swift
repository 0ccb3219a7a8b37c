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
        return try await LogBatch(of: [Self.slice], after: place.positions, for: .events) { slice, position, limit in
            (0..<min(Int64(limit), end - position)).map { offset in
                RecordedEvent(
                    address: address, position: LogPosition(slice: slice, position: position + offset + 1), version: .none,
                    id: EventID(bits: UInt128(position + offset + 1)), form: StoredForm("comet.sighted", [:]), meta: meta, recordedAt: .epoch)
            }
        }
    }

    @Test func `moves the checkpoints over all that was passed since they were moved last`() async throws {
        var place = ReadingPlace(Self.start)
        for _ in 0..<2 { #expect(!place.pass(over: try await batch(100, after: place))) }
        #expect(place.steps.map(\.slice) == [Self.slice])
        #expect(place.steps.map(\.old) == [0])
        #expect(place.steps.map(\.new) == [200])
        place.note()
        #expect(place.steps.isEmpty)
        _ = place.pass(over: try await batch(1, after: place))
        #expect(place.steps.map(\.old) == [200])
    }

    @Test func `is overdue after ten thousand events that its view has no rows for`() async throws {
        var place = ReadingPlace(Self.start)
        for _ in 1..<10 { #expect(!place.pass(over: try await batch(1000, after: place))) }
        #expect(place.pass(over: try await batch(1000, after: place)))
        place.note()
        #expect(!place.pass(over: try await batch(1000, after: place)))
    }
}

@Suite struct `A view that stands still` {
    private func status(lag: Int64, for seconds: Int) -> ProjectionStatus {
        ProjectionStatus(name: .events, lag: lag, sinceHeartbeat: .seconds(seconds), failure: nil)
    }

    @Test func `has work and has done none of it for long`() {
        #expect(status(lag: 1, for: 31).standsStill)
        #expect(!status(lag: 0, for: 3600).standsStill, "there is nothing to do")
        #expect(!status(lag: 1000, for: 5).standsStill, "it is at work")
    }
}
