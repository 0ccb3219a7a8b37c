import EventSourcing
import Testing
import Vocabulary

/// An entity whose event had three shapes in its life.
private enum Letter: Decider {
    struct Written: DomainEvent, Equatable {
        let author: String
        let body: String

        var stored: StoredForm { StoredForm("letter.written", schema: 3, ["author": .string(author), "body": .string(body)]) }

        static func decode(_ form: StoredForm) throws(StoredFormError) -> Written {
            guard form.type == "letter.written", form.schema == 3 else { throw StoredFormError(form) }
            guard let author = form.head["author"]?.string else { throw StoredFormError(form, member: "author") }
            guard let body = form.head["body"]?.string else { throw StoredFormError(form, member: "body") }
            return Written(author: author, body: body)
        }

        static let upcasters = [
            // The first letters had no author.
            Upcaster("letter.written", from: 1) { head in head["author"] = "nobody" },
            // `text` became `body`.
            Upcaster("letter.written", from: 2) { head throws(StoredFormError) in
                guard let text = head["text"] else { throw StoredFormError(StoredForm("letter.written", schema: 2, .object(head)), member: "text") }
                head["text"] = nil
                head["body"] = text
            },
        ]
    }

    struct Refusal: Rejection {
        let kind = RejectionKind.invalid
        let description = "never"
    }

    static let category = Category("letter")
    static let initialState: [String] = []
    static func decide(_ body: String, _ letters: [String], now: Timestamp) throws(Refusal) -> [Written] { [Written(author: "ada", body: body)] }
    static func evolve(_ letters: [String], _ event: Written) -> [String] { letters + ["\(event.author): \(event.body)"] }
    static func subject(of letters: [String]) -> [String]? { letters }
    static let fields: [EntityField<[String], Written>] = [.integer("count") { $0.count }]
    static func action(of command: String) -> String { "letter.write" }
}

@Suite struct `A stored form of an earlier version` {
    private let first = StoredForm("letter.written", schema: 1, ["text": "hello"])
    private let second = StoredForm("letter.written", schema: 2, ["text": "again", "author": "bob"])

    @Test func `is brought to the newest version step by step`() throws {
        #expect(try Letter.Written.restore(first) == Letter.Written(author: "nobody", body: "hello"))
        #expect(try Letter.Written.restore(second) == Letter.Written(author: "bob", body: "again"))
        let newest = Letter.Written(author: "cyd", body: "now")
        #expect(try Letter.Written.restore(newest.stored) == newest)
    }

    @Test func `is folded together with newer ones, and stays in the log as it was written`() async throws {
        let stage = LetterStage()
        try await stage.append(first, second)
        let reply = try await stage.entity.send("now", stage.envelope())
        #expect(reply.state == ["nobody: hello", "bob: again", "ada: now"])
        let stored = try await stage.store.read(stage.address, after: .none, limit: 9).map(\.form)
        #expect(stored == [first, second, Letter.Written(author: "ada", body: "now").stored])
    }

    @Test func `keeps its attachment`() throws {
        let step = try #require(Letter.Written.upcasters.first)
        let form = StoredForm("letter.written", schema: 1, ["text": "x"], attachment: [0, 255])
        #expect(try step.applied(to: form) == StoredForm("letter.written", schema: 2, ["text": "x", "author": "nobody"], attachment: [0, 255]))
    }

    @Test func `that is damaged names its version and member`() {
        let damaged = StoredForm("letter.written", schema: 1, [:])
        let upcast = StoredForm("letter.written", schema: 2, ["author": "nobody"])
        #expect(throws: StoredFormError(upcast, member: "text")) { try Letter.Written.restore(damaged) }
    }

    @Test func `is known, a later one is not`() {
        #expect((1...3).allSatisfy { Letter.Written.knows("letter.written", schema: $0) })
        #expect(!Letter.Written.knows("letter.written", schema: 4) && !Letter.Written.knows("letter.sent", schema: 1))
    }
}

@Suite struct `An event that no code reads` {
    @Test(arguments: [StoredForm("letter.burnt", [:]), StoredForm("letter.written", schema: 4, ["author": "x", "body": "y"])])
    func `stops its entity, named, and no other of the slice`(stranger: StoredForm) async throws {
        let stage = LetterStage()
        try await stage.append(stranger)
        let other = Entity<Letter>(address: stage.sibling, store: stage.store, ids: stage.ids)
        for _ in 0..<2 {
            let error = await #expect(throws: EventStoreError.self) { try await stage.entity.send("now", stage.envelope()) }
            #expect(error?.description.contains("event \(stranger.type) v\(stranger.schema) is not known to this release") == true)
            #expect(error?.description.contains("\(stage.address) version 1") == true)
            #expect(error?.description.contains("run the release that wrote it") == true)
        }
        #expect(try await other.send("now", stage.envelope()).state == ["ada: now"])
        #expect(try await stage.store.read(stage.address, after: .none, limit: 9).count == 1, "nothing was appended behind it")
    }
}

/// One letter box, and another of the same tenant.
private struct LetterStage {
    let ids = ClosureIDSource(clock: { Timestamp(milliseconds: 1_772_323_200_000) }, random: { UInt128.random(in: .min ... .max) })
    let store: InMemoryEventStore
    let address = StreamAddress(tenant: TenantID(bits: 1), stream: StreamID(bits: 2), category: Letter.category)
    let sibling = StreamAddress(tenant: TenantID(bits: 1), stream: StreamID(bits: 3), category: Letter.category)
    let entity: Entity<Letter>

    init() {
        store = InMemoryEventStore(clock: ids)
        entity = Entity(address: address, store: store, ids: ids)
    }

    func append(_ forms: StoredForm...) async throws {
        let events = forms.map { NewEvent(id: ids.next(), form: $0, meta: EventMeta(envelope())) }
        _ = try await store.append(AppendBatch(address: address, expected: .none, events: events))
    }

    func envelope() -> CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: .system("test"), correlation: CorrelationID(bits: 1), lane: .p1)
    }
}
