import EventSourcing
import EventStoreConformance
import Testing
import Vocabulary

@testable import EventLog

@Suite struct `The versions that a writer remembers` {
    private let fixture = ConformanceFixture(store: InMemoryEventStore(clock: SystemIDs()))

    @Test func `are those of the streams that were appended to last, at most so many`() {
        var versions = StreamVersions()
        let streams = (0..<20_000).map { _ in fixture.stream() }
        for (number, stream) in streams.enumerated() { versions.note(stream, at: StreamVersion(Int32(number))) }
        let known = streams.filter { versions.version(of: $0) != nil }
        #expect(known.count <= 2 * 4096)
        #expect(known == streams.suffix(known.count))
        #expect(known.count >= 4096)
        #expect(versions.version(of: streams[19_999]) == StreamVersion(19_999))
    }

    @Test func `are of a stream as the database tells streams apart`() {
        var versions = StreamVersions()
        let stream = fixture.stream()
        versions.note(stream, at: StreamVersion(3))
        versions.note(stream, at: StreamVersion(4))
        #expect(versions.version(of: stream) == StreamVersion(4))
        let later = StreamAddress(tenant: stream.tenant, stream: stream.stream, category: stream.category, era: .month(of: stream.stream))
        #expect(versions.version(of: later) == nil)
    }
}
