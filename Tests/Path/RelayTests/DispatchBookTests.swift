import EventSourcing
import Testing
import Vocabulary

@testable import Relay

@Suite struct `The dispatcher's book` {
    let start = Timestamp(milliseconds: 1_000_000)
    let configuration: DispatcherConfiguration = {
        var configuration = DispatcherConfiguration()
        configuration.creditPerLane = 4...4
        configuration.readyPerLane = 20
        configuration.sweepChunk = 10
        return configuration
    }()

    private func book(offering jobs: [Job]) -> DispatchBook {
        var book = DispatchBook(configuration: configuration)
        for job in jobs { book.offer(job, at: start) }
        return book
    }

    @Test func `no more is given out than a lane has credit for`() {
        var book = book(offering: (0..<10).map { job($0) })
        #expect(book.takePublications(limit: 100, at: start).count == 4)
        #expect(book.takePublications(limit: 100, at: start).isEmpty)
        book.began(job(0), at: start)
        #expect(book.takePublications(limit: 100, at: start).count == 1)
    }

    @Test func `a flood in one lane leaves the credit of another alone`() {
        var book = book(offering: (0..<10).map { job($0, lane: .p4) })
        _ = book.takePublications(limit: 100, at: start)
        book.offer(job(99, lane: .p1), at: start)
        #expect(book.takePublications(limit: 100, at: start).map(\.job) == [job(99, lane: .p1)])
    }

    @Test func `what nobody received is given out again with the next attempt`() {
        var book = book(offering: [job(0)])
        #expect(book.takePublications(limit: 9, at: start).map(\.attempt) == [0])
        book.wake(at: start + .milliseconds(2999))
        #expect(book.takePublications(limit: 9, at: start + .milliseconds(2999)).isEmpty)
        book.wake(at: start + .seconds(3))
        #expect(book.takePublications(limit: 9, at: start + .seconds(3)).map(\.attempt) == [1])
        book.wake(at: start + .seconds(6))
        #expect(book.takePublications(limit: 9, at: start + .seconds(6)).isEmpty, "the second wait is twice as long")
        book.wake(at: start + .seconds(9))
        #expect(book.takePublications(limit: 9, at: start + .seconds(9)).map(\.attempt) == [2])
    }

    @Test func `what waits in the bus for busy workers is not given out again`() {
        var book = book(offering: [job(0)])
        _ = book.takePublications(limit: 9, at: start)
        book.lane(.p2, isFull: true)
        book.wake(at: start + .seconds(3))
        #expect(book.takePublications(limit: 9, at: start + .seconds(3)).isEmpty)
        book.lane(.p2, isFull: false)
        book.wake(at: start + .seconds(6))
        #expect(book.takePublications(limit: 9, at: start + .seconds(6)).map(\.attempt) == [1])
    }

    @Test func `lost pointers cost no credit for ever`() {
        var book = book(offering: (0..<4).map { job($0) })
        var now = start
        for _ in 0..<5 {
            #expect(book.takePublications(limit: 9, at: now).count == 4)
            now = now + .seconds(60)
            book.wake(at: now)
        }
    }

    @Test func `what a worker has is not given out again`() {
        var book = book(offering: [job(0)])
        _ = book.takePublications(limit: 9, at: start)
        book.received(job(0))
        book.wake(at: start + .seconds(600))
        book.offer(job(0), at: start)
        #expect(book.takePublications(limit: 9, at: start + .seconds(600)).isEmpty)
    }

    @Test func `a failed job comes again after a pause that doubles`() {
        var book = book(offering: [job(0)])
        var now = start
        for pause in [500, 1000, 2000] {
            #expect(book.takePublications(limit: 9, at: now).count == 1)
            book.began(job(0), at: now)
            book.failed(job(0), at: now)
            book.wake(at: now + .milliseconds(pause - 1))
            #expect(book.takePublications(limit: 9, at: now).isEmpty)
            now = now + .milliseconds(pause)
            book.wake(at: now)
        }
    }

    @Test func `a job whose time has not come waits for it`() {
        let later = job(0, due: start + .seconds(5))
        var book = book(offering: [later])
        #expect(book.takePublications(limit: 9, at: start).isEmpty)
        #expect(book.nextWake == later.due)
        book.wake(at: later.due)
        #expect(book.takePublications(limit: 9, at: later.due).map(\.job) == [later])
    }

    @Test func `what a stream asks for while it is worked on follows`() {
        var book = book(offering: [job(0)])
        _ = book.takePublications(limit: 9, at: start)
        book.began(job(0), at: start)
        let next = job(0, due: start + .seconds(1))
        book.offer(next, at: start)
        book.finished(job(0), at: start)
        #expect(book.takePublications(limit: 9, at: start).isEmpty)
        book.wake(at: next.due)
        #expect(book.takePublications(limit: 9, at: next.due) == [Publication(job: next, attempt: 0)])
    }

    @Test func `a sweep that read before a job was finished does not bring it back`() {
        var book = book(offering: [job(0)])
        _ = book.takePublications(limit: 9, at: start)
        book.sweepBegins()
        book.began(job(0), at: start)
        book.finished(job(0), at: start)
        book.sweepEnds([job(0), job(1)], limit: 10, at: start)
        #expect(book.takePublications(limit: 9, at: start).map(\.job) == [job(1)])
    }

    @Test func `what found no place is asked for again`() {
        var book = book(offering: (0..<30).map { job($0) })
        #expect(!book.needsSweep)
        var given: Set<StreamID> = []
        while !book.entries.isEmpty {
            for publication in book.takePublications(limit: 9, at: start) {
                given.insert(publication.job.stream)
                book.began(publication.job, at: start)
                book.finished(publication.job, at: start)
            }
            guard book.needsSweep else { continue }
            book.sweepBegins()
            let limit = book.sweepLimit
            book.sweepEnds(Array((0..<30).map { job($0) }.filter { !given.contains($0.stream) }.prefix(limit)), limit: limit, at: start)
        }
        #expect(given.count == 30)
    }

    @Test func `a sweep reads past everything that is under way`() {
        var book = book(offering: (0..<15).map { job($0) })
        _ = book.takePublications(limit: 9, at: start)
        #expect(book.sweepLimit == 25)
    }

    @Test func `what the bus refused is given out again with the same attempt`() {
        var book = book(offering: [job(0)])
        let refused = book.takePublications(limit: 9, at: start)
        book.unpublished(refused.map(\.job), at: start)
        #expect(book.takePublications(limit: 9, at: start).isEmpty)
        book.wake(at: start + .milliseconds(200))
        #expect(book.takePublications(limit: 9, at: start + .milliseconds(200)) == refused)
    }

    @Test func `what finds no place after the bus refused it gives its credit back once`() {
        var tight = configuration
        tight.timers = 1
        var book = DispatchBook(configuration: tight)
        for number in 0..<4 { book.offer(job(number), at: start) }
        book.unpublished(book.takePublications(limit: 9, at: start).map(\.job), at: start)
        #expect(book.entries.isEmpty, "the sweep finds them again")
        let later = start + .seconds(60)
        book.wake(at: later)
        for number in 0..<10 { book.offer(job(number), at: later) }
        #expect(book.takePublications(limit: 100, at: later).count == 4)
    }

    @Test func `a pointer of an earlier process makes its job known`() {
        var book = DispatchBook(configuration: configuration)
        book.received(job(0))
        book.sweepBegins()
        book.sweepEnds([job(0)], limit: 10, at: start)
        #expect(book.takePublications(limit: 9, at: start).isEmpty)
        book.began(job(0), at: start)
        book.finished(job(0), at: start)
        #expect(book.entries.isEmpty)
        for number in 1...4 { book.offer(job(number), at: start) }
        #expect(book.takePublications(limit: 9, at: start).count == 4, "its credit came back")
    }
}
