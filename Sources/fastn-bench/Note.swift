import Vocabulary

/// The smallest entity there is: it takes every text it is given and counts them, so that what is measured is the way into the log.
enum NoteDecider: Decider {
    static let category = Category("note")
    static let initialState = 0

    static func decide(_ note: Note, _ count: Int, now: Timestamp) throws(NoteRefusal) -> [NoteEvent] {
        guard !note.text.isEmpty else { throw NoteRefusal() }
        return Array(repeating: NoteEvent(text: note.text), count: note.copies)
    }

    static func evolve(_ count: Int, _ event: NoteEvent) -> Int { count + 1 }

    static func subject(of count: Int) -> Int? { count }
    static let fields: [EntityField<Int, NoteEvent>] = [.integer("count") { $0 }]

    static func action(of command: Note) -> String { "note.take" }
}

/// A text to be taken some times over, each an event of its own.
struct Note: Sendable {
    let text: String
    let copies: Int
}

/// A text that was taken.
struct NoteEvent: DomainEvent {
    let text: String

    var stored: StoredForm { StoredForm("note.taken", ["text": .string(text)]) }

    static func decode(_ form: StoredForm) throws(StoredFormError) -> NoteEvent {
        guard let text = form.head["text"]?.string else { throw StoredFormError(form, member: "text") }
        return NoteEvent(text: text)
    }
}

/// An empty text.
struct NoteRefusal: Rejection {
    let kind = RejectionKind.invalid
    let description = "a note must have a text"
}
