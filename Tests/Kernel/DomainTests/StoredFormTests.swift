import Domain
import FoundationEssentials
import Testing
import Vocabulary

/// The folder that holds this package.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String { String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self) }

    static func files(under path: String) throws -> [String] { try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: path).path) }
}

/// What is in the log is read for ever, so each event's stored form is kept apart from the code: `schemas/events/TYPE.vN.json`.
///
/// A file has `type`, `schema`, `head` and, for bytes that are kept as they came, `attachment` as text. A file never changes: a new shape
/// is a new version with a file of its own.
@Suite struct `The stored form of an event` {
    @Test(arguments: StoredSample.all) func `is what the schema's sample says, to the letter`(sample: StoredSample) throws {
        let kept = try Self.load(sample.description)
        let form = sample.event.stored
        #expect(form.type == kept.type)
        #expect(form.schema == kept.schema)
        #expect(form.head.text == kept.head.text)
        #expect(form.attachment == kept.attachment)
    }

    @Test(arguments: StoredSample.all) func `is read back from the schema's sample`(sample: StoredSample) throws {
        let kept = try Self.load(sample.description)
        #expect(try sample.restore(kept).stored == sample.event.stored)
    }

    @Test(arguments: StoredSample.all) func `of a later version is refused by name`(sample: StoredSample) throws {
        let form = sample.event.stored
        let later = StoredForm(form.type, schema: 2, form.head, attachment: form.attachment)
        #expect(throws: StoredFormError(later)) { try sample.restore(later) }
        let unknown = StoredForm("\(form.type).x", form.head, attachment: form.attachment)
        #expect(throws: StoredFormError(unknown)) { try sample.restore(unknown) }
    }

    @Test(arguments: StoredSample.all) func `under another name of a member is noticed`(sample: StoredSample) throws {
        let form = sample.event.stored
        for member in form.head.object?.members ?? [] {
            let renamed = JSONObject((form.head.object?.members ?? []).map { ($0.name == member.name ? "\($0.name)2" : $0.name, $0.value) })
            let other = StoredForm(form.type, schema: form.schema, .object(renamed), attachment: form.attachment)
            // Whoever renames it in the code meets the sample, which is read as something else or not at all.
            do { #expect(try sample.restore(other).stored.head.text != other.head.text, "\(member.name)") } catch let error as StoredFormError {
                #expect(error.member != nil)
            }
        }
    }

    @Test(arguments: StoredSample.all) func `belongs to a type that this release says it knows`(sample: StoredSample) {
        let form = sample.event.stored
        #expect(EntityKinds.all.contains { $0.knows(form.type, schema: form.schema) })
        #expect(!EntityKinds.all.contains { $0.knows(form.type, schema: form.schema + 1) })
        #expect(!EntityKinds.all.contains { $0.knows("\(form.type).x", schema: form.schema) })
    }

    /// Every member but the ones that may be absent is needed; whichever is missing names itself.
    @Test(arguments: StoredSample.all) func `names the member that is damaged`(sample: StoredSample) throws {
        let form = sample.event.stored
        for member in form.head.object?.members ?? [] {
            var head = try #require(form.head.object)
            head[member.name] = ["damaged": true]
            let damaged = StoredForm(form.type, schema: form.schema, .object(head), attachment: form.attachment)
            // Headers and retry policies are objects whose members are free.
            if ["headers", "retry"].contains(member.name) { continue }
            #expect(throws: StoredFormError(damaged, member: member.name), "\(member.name)") { try sample.restore(damaged) }
        }
        if form.attachment != nil {
            let bare = StoredForm(form.type, schema: form.schema, form.head)
            #expect(throws: StoredFormError(bare, member: "attachment")) { try sample.restore(bare) }
        }
    }

    @Test func `has a sample for every name in the source, and no sample is left over`() throws {
        var names: Set<String> = []
        for file in try Repository.files(under: "Sources/Kernel/Domain") where file.hasSuffix("+Stored.swift") {
            let source = try Repository.text("Sources/Kernel/Domain/\(file)")
            names.formUnion(source.matches(of: /StoredForm\(\s*"([a-z_.]+)"/).map { String($0.output.1) })
        }
        #expect(names.count > 25)
        #expect(names == Set(StoredSample.all.map(\.event.stored.type)))
        #expect(try Set(Repository.files(under: "schemas/events").filter { !$0.hasPrefix("logs") }) == Set(StoredSample.all.map { "\($0).json" }))
    }

    private static func load(_ name: String) throws -> StoredForm {
        let json = try JSONValue(parsing: try Repository.text("schemas/events/\(name).json"))
        return StoredForm(
            try #require(json["type"]?.string), schema: Int16(try #require(json["schema"]?.integer)), try #require(json["head"]),
            attachment: json["attachment"]?.string.map { Array($0.utf8) })
    }
}
