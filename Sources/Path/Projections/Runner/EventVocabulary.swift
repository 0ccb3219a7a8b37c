import Domain
import EventSourcing
import Synchronization
import Vocabulary

/// Which types and versions of events this release reads.
final class EventVocabulary: Sendable {
    static let shared = EventVocabulary()

    private struct Word: Hashable {
        let type: String
        let schema: Int16
    }

    /// What was found to be known: some forty words. A stranger is looked up each time, so that strangers take no room.
    private let known = Mutex<Set<Word>>([])

    /// The first event that nothing in this release reads. Cost: one lock for all of them.
    func firstUnknown(in events: [RecordedEvent]) -> RecordedEvent? {
        known.withLock { known in
            events.first { event in
                let word = Word(type: event.form.type, schema: event.form.schema)
                if known.contains(word) { return false }
                guard Self.isKnown(word) else { return true }
                known.insert(word)
                return false
            }
        }
    }

    private static func isKnown(_ word: Word) -> Bool {
        EntityKinds.all.contains { $0.knows(word.type, schema: word.schema) } || RefusalTrail.knows(word.type, schema: word.schema)
    }
}
