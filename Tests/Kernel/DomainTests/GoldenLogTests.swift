import Domain
import Testing
import Vocabulary

/// Whole streams as a release wrote them, `schemas/events/logs/RELEASE/CATEGORY[.STORY].jsonl`: one stored form a line, as in the samples; beside
/// each the entity that they make, `….json`, null when it is gone. Files of a release never change; every later release folds them into the same,
/// of which it may show more.
@Suite struct `A stream that a release has written` {
    private static let folder = "schemas/events/logs"
    private static let streams: [String] = {
        // Without the folder there is nothing to run, which the last test reports.
        ((try? Repository.files(under: folder)) ?? []).filter { $0.hasSuffix(".jsonl") }.sorted()
    }()

    @Test(arguments: streams) func `is folded into the same entity by this one`(stream: String) throws {
        let story = stream.dropLast(".jsonl".count)
        let category = Category(String(story.split(separator: "/").last?.prefix { $0 != "." } ?? ""))
        let kind = try #require(EntityKinds.all.first { $0.category == category })
        var entity = kind.begin()
        for (index, form) in try Self.forms(stream).enumerated() { _ = try entity.apply(form, .of(form, version: index + 1)) }
        let expected = try JSONValue(parsing: try Repository.text("\(Self.folder)/\(story).json"))
        // A later release may show more of an entity, and nothing otherwise.
        let known = Set(expected.object?.members.map(\.name) ?? [])
        let document = entity.document.map { JSONValue.object(JSONObject($0.json.members.filter { known.contains($0.name) })) } ?? .null
        #expect(document == expected, "\(document.text)")
    }

    @Test(arguments: streams) func `has every event in a form that is still known`(stream: String) throws {
        for form in try Self.forms(stream) { #expect(EntityKinds.all.contains { $0.knows(form.type, schema: form.schema) }, "\(form.type)") }
    }

    @Test func `is kept for every type and version that there is`() throws {
        let kept = try Set(Self.streams.flatMap { try Self.forms($0).map { "\($0.type) v\($0.schema)" } })
        #expect(kept.isSuperset(of: StoredSample.all.map { "\($0.event.stored.type) v\($0.event.stored.schema)" }))
    }

    private static func forms(_ stream: String) throws -> [StoredForm] {
        try Repository.text("\(folder)/\(stream)").split(separator: "\n").map { line in
            let json = try JSONValue(parsing: String(line))
            return StoredForm(
                try #require(json["type"]?.string), schema: Int16(try #require(json["schema"]?.integer)), try #require(json["head"]),
                attachment: json["attachment"]?.string.map { Array($0.utf8) })
        }
    }
}

extension EventStamp {
    /// The event at that place of its stream, by nobody in particular.
    fileprivate static func of(_ form: StoredForm, version: Int) -> EventStamp {
        let position = LogPosition(slice: Slice(of: TenantID(bits: 1)), position: Int64(version))
        return EventStamp(
            id: EventID(bits: UInt128(version)), type: form.type, version: StreamVersion(Int32(version)), position: position,
            recordedAt: .epoch + .seconds(version), principal: .system("test"), correlation: CorrelationID(bits: 1), causation: nil,
            command: CommandID(bits: 1))
    }
}
