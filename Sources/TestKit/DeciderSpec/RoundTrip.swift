import Testing
import Vocabulary

/// Records an issue when the event, written to bytes and read back, is not the same event.
func checkRoundTrip<Event: DomainEvent & Equatable>(of event: Event, _ sourceLocation: SourceLocation) {
    let form = event.stored
    do {
        let head = try JSONValue(parsing: form.head.encoded, depth: 512)
        let restored = try Event.restore(StoredForm(form.type, schema: form.schema, head, attachment: form.attachment))
        guard restored != event else { return }
        Issue.record("\(form.type) v\(form.schema) comes back from its stored form as another event: \(restored)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(form.type) v\(form.schema) cannot be read back: \(error)", sourceLocation: sourceLocation)
    }
}
