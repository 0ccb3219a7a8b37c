package import EventSourcing
package import Vocabulary

extension ConformanceFixture {
    /// An event with data in its head and beside it; the attachment may be left out.
    package func secret(_ word: String, attached: Bool = true) -> NewEvent {
        let form = StoredForm(
            "sample.told", ["who": "nobody", "word": .string(word), "number": 7, "error": ["message": .string(word)]],
            attachment: attached ? Array("<\(word)>".utf8) : nil, stubs: ["word": "erased", "error": ["message": "erased"]])
        return NewEvent(id: ids.next(), form: form, meta: EventMeta(envelope()))
    }

    /// A new stream of the tenant with one such event, under a subject's key or the tenant's.
    func tell(_ word: String, of tenant: TenantID, under key: DataKeyID?) async throws -> StreamAddress {
        let stream = stream(of: tenant)
        try await append(under(key, AppendBatch(address: stream, expected: .none, events: [secret(word)])))
        return stream
    }

    func under(_ key: DataKeyID?, _ batch: AppendBatch) -> AppendBatch {
        var batch = batch
        batch.dataKey = key
        return batch
    }

    func forms(_ stream: StreamAddress) async throws -> [StoredForm] { try await store.read(stream, after: .none, limit: 100).map(\.form) }

    func key(_ value: String?, of tenant: TenantID) async throws -> DataKeyID {
        let subject = try value.map { try keys.subject($0, of: tenant) }
        guard let key = try await keys.current(subject, of: tenant) else { throw BrokenPromise(description: "there is no key") }
        return key
    }
}

extension EventStoreConformance {
    static let erasureChecks = sealingChecks + destructionChecks + dataKeyChecks

    private static let sealingChecks = [
        ConformanceCheck("data in an event comes back as it was, in the head and beside it") { fixture in
            let (tenant, stream): (TenantID, StreamAddress) = { ($0.tenant, $0) }(fixture.stream())
            let key = try await fixture.key("anna", of: tenant)
            let events = [fixture.secret("canary"), fixture.secret("\u{0}ü𝄞", attached: false), fixture.event(3)]
            try await fixture.append(fixture.under(key, AppendBatch(address: stream, expected: .none, events: events)))
            try expect(try await fixture.forms(stream), is: events.map(\.form))
            let slice = try await fixture.store.read(stream.slice, after: 0, limit: 1000).filter { $0.address == stream }
            try expect(slice.map(\.form), is: events.map(\.form))
        },
        ConformanceCheck("what names no key is the tenant's own") { fixture in
            let tenant = fixture.stream().tenant
            let stream = try await fixture.tell("canary", of: tenant, under: nil)
            try expect(try await fixture.forms(stream).first?.head["word"], is: "canary")
            _ = try await fixture.keys.destroy(try await fixture.key(nil, of: tenant), of: tenant)
            try expect(try await fixture.forms(stream).first?.isErased, is: true)
        },
    ]

    private static let destructionChecks = [
        ConformanceCheck("once a subject's key is destroyed his data is erased, and nobody else's") { fixture in
            let tenant = fixture.stream().tenant
            let (anna, bert) = (try await fixture.key("anna", of: tenant), try await fixture.key("bert", of: tenant))
            let hers = try await fixture.tell("hers", of: tenant, under: anna)
            let others = [
                (try await fixture.tell("his", of: tenant, under: bert), "his"), (try await fixture.tell("ours", of: tenant, under: nil), "ours"),
            ]
            _ = try await fixture.keys.destroy(anna, of: tenant)
            let erased = try await fixture.forms(hers)
            try expect(erased.map(\.isErased), is: [true])
            try expect(
                erased.first?.head, is: ["who": "nobody", "word": "erased", "number": 7, "error": ["message": "erased"]])
            try expect(erased.first?.attachment, is: Erased.document)
            for (stream, word) in others { try expect(try await fixture.forms(stream).first?.head["word"]?.string, is: word) }
        },
        ConformanceCheck("once a tenant's key is destroyed the data of its subjects is erased too, and no other tenant's") { fixture in
            let (tenant, other) = (fixture.stream().tenant, fixture.stream().tenant)
            let anna = try await fixture.key("anna", of: tenant)
            let hers = try await fixture.tell("hers", of: tenant, under: anna)
            let theirs = try await fixture.tell("theirs", of: other, under: try await fixture.key("anna", of: other))
            _ = try await fixture.keys.destroy(try await fixture.key(nil, of: tenant), of: tenant)
            try expect(try await fixture.forms(hers).map(\.isErased), is: [true])
            try expect(try await fixture.forms(theirs).map(\.isErased), is: [false])
            try expect(try await fixture.keys.current(try fixture.keys.subject("carl", of: tenant), of: tenant), is: nil)
            try expect(try await fixture.keys.current(nil, of: tenant), is: nil)
        },
        ConformanceCheck("what is appended under a destroyed key is erased from the start") { fixture in
            let tenant = fixture.stream().tenant
            let anna = try await fixture.key("anna", of: tenant)
            _ = try await fixture.keys.destroy(anna, of: tenant)
            let late = try await fixture.tell("late", of: tenant, under: anna)
            try expect(try await fixture.forms(late).first?.head["word"], is: "erased")
            try expect(try await fixture.forms(late).first?.attachment, is: Erased.document)
        },
        ConformanceCheck("state goes with the tenant, that of one stream with the stream's key") { fixture in
            let stream = fixture.stream()
            let anna = try await fixture.key("anna", of: stream.tenant)
            let (shared, own) = (StateScopeID(bits: stream.tenant.bits), StateScopeID(bits: stream.stream.bits))
            var batch = fixture.under(anna, fixture.batch(stream, .none))
            batch.stateWrites = [StateWrite(scope: shared, key: "k", value: [1]), StateWrite(scope: own, key: "k", value: [2])]
            try await fixture.append(batch)
            try expect(try await fixture.store.stateValue(scope: shared, key: "k", tenant: stream.tenant), is: [1])
            try expect(try await fixture.store.stateValue(scope: own, key: "k", tenant: stream.tenant), is: [2])
            _ = try await fixture.keys.destroy(anna, of: stream.tenant)
            try expect(try await fixture.store.stateValue(scope: own, key: "k", tenant: stream.tenant), is: nil)
            try expect(try await fixture.store.stateValue(scope: shared, key: "k", tenant: stream.tenant), is: [1])
            _ = try await fixture.keys.destroy(try await fixture.key(nil, of: stream.tenant), of: stream.tenant)
            try expect(try await fixture.store.stateValue(scope: shared, key: "k", tenant: stream.tenant), is: nil)
        },
    ]

    private static let dataKeyChecks = [
        ConformanceCheck("a subject has one name and one key in a tenant, and others in another") { fixture in
            let (tenant, other) = (fixture.stream().tenant, fixture.stream().tenant)
            let keys = try fixture.keys
            let anna = try keys.subject("anna", of: tenant)
            try expect(try keys.subject("anna", of: tenant), is: anna)
            try expect(try keys.subject("bert", of: tenant) != anna, "two subjects have one name")
            try expect(try keys.subject("anna", of: other) != anna, "a subject has one name in two tenants")
            let made = try await atOnce(20) { try await keys.current(anna, of: tenant) }
            try expect(Set(made).count, is: 1)
            try expect(made.first != .some(nil), "there is no key")
            try expect(try await keys.newest(anna, of: tenant)?.id, is: made.first ?? nil)
            try expect(try await keys.newest(anna, of: other), is: nil)
        },
        ConformanceCheck("a subject that was erased gets another key, and the old one stays destroyed") { fixture in
            let tenant = fixture.stream().tenant
            let first = try await fixture.key("anna", of: tenant)
            let destroyed = try await fixture.keys.destroy(first, of: tenant)
            let second = try await fixture.key("anna", of: tenant)
            try expect(second != first, "a destroyed key is used again")
            try expect(try await fixture.keys.destroy(first, of: tenant)?.destroyedAt, is: destroyed?.destroyedAt)
            try expect(destroyed?.destroyedAt != nil, "a destroyed key lives")
            try expect(try await fixture.keys.newest(try fixture.keys.subject("anna", of: tenant), of: tenant)?.destroyedAt, is: nil)
        },
        ConformanceCheck("a key that the tenant does not have is not destroyed") { fixture in
            let (tenant, other) = (fixture.stream().tenant, fixture.stream().tenant)
            let key = try await fixture.key("anna", of: other)
            try expect(try await fixture.keys.destroy(key, of: tenant), is: nil)
            try expect(try await fixture.keys.destroy(fixture.ids.next(), of: tenant), is: nil)
            let stream = try await fixture.tell("theirs", of: other, under: key)
            try expect(try await fixture.forms(stream).map(\.isErased), is: [false])
        },
    ]
}
