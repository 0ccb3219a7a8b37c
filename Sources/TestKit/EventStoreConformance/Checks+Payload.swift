import EventSourcing
import Vocabulary

extension EventStoreConformance {
    static let payloadChecks = [
        ConformanceCheck("bytes come back bit for bit: NUL, broken UTF-8, none at all, a megabyte") { fixture in
            let megabyte = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            let bodies: [[UInt8]] = [[], [0], [0xff, 0xfe, 0, 0xc3], Array(#"{"a":"\u0000\ud800"}"#.utf8), megabyte]
            let stream = fixture.stream()
            let events = bodies.map { fixture.event(attachment: $0) }
            try await fixture.append(AppendBatch(address: stream, expected: .none, events: events))
            let found = try await fixture.store.read(stream, after: .none, limit: 10)
            for (event, body) in zip(found, bodies) {
                try expect(event.form.attachment == body, "\(body.count) bytes came back as \(event.form.attachment?.count ?? -1) others")
            }
            try expect(found.count, is: bodies.count)
        },
        ConformanceCheck("text of every kind comes back in the head of an event, NUL included") { fixture in
            let text = "\u{0}\u{1}\u{7f}\u{2028}\"\\ ü 𝄞 \u{10ffff}"
            let stream = fixture.stream()
            let form = StoredForm("sample.said", ["text": .string(text), "number": .number(JSONNumber(text: "123456789012345678901234567890.5"))])
            try await fixture.append(
                AppendBatch(
                    address: stream, expected: .none,
                    events: [NewEvent(id: fixture.ids.next(), form: form, meta: EventMeta(fixture.envelope()))]))
            let found = try await fixture.store.read(stream, after: .none, limit: 10)
            try expect(found.first?.form.head["text"]?.string, is: text)
            try expect(found.first?.form, is: form)
        },
        ConformanceCheck("a batch of 2,000 events is stored whole") { fixture in
            let stream = fixture.stream()
            try await fixture.append(fixture.batch(stream, .none, count: 2000))
            try expect(try await fixture.store.read(stream, after: StreamVersion(1990), limit: 100).count, is: 10)
        },
    ]
}
