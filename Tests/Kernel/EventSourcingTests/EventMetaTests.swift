import EventSourcing
import Testing
import Vocabulary

private func meta(_ principal: Principal, causation: UInt128? = nil) -> EventMeta {
    EventMeta(
        CommandEnvelope(
            commandID: CommandID(bits: 0x0123_4567_89ab_7def_8123_4567_89ab_cdef), principal: principal,
            correlation: CorrelationID(bits: 0xfedc_ba98_7654_7210_8edc_ba98_7654_3210), causation: causation, lane: .p2,
            environment: EnvironmentName("sand\"box")))
}

@Suite struct `What is stored beside an event` {
    @Test func `is JSON whose members have their names and order for good`() {
        let text = String(decoding: meta(Principal(kind: .serviceAccount, id: "key-1", onBehalfOf: "ada"), causation: 7).encoded, as: UTF8.self)
        #expect(
            text == """
                {"actor":{"type":"service_account","id":"key-1"},"correlation":"fedcba98-7654-7210-8edc-ba9876543210",\
                "command":"01234567-89ab-7def-8123-456789abcdef","lane":2,"environment":"sand\\"box","onBehalfOf":"ada",\
                "causation":"00000000-0000-0000-0000-000000000007"}
                """)
    }

    @Test(arguments: [
        meta(.system("bench")), meta(.system("bench"), causation: .max), meta(Principal(kind: .user, id: "\u{0}\\ü", onBehalfOf: "")),
    ])
    func `is read back as it was`(meta: EventMeta) throws {
        #expect(try EventMeta(stored: meta.encoded) == meta)
    }

    @Test func `is read however its JSON is written`() throws {
        let meta = meta(Principal(kind: .serviceAccount, id: "key-1", onBehalfOf: "ada"), causation: 7)
        let members = try #require(try JSONValue(parsing: meta.encoded).object).members
        let turned = JSONValue.object(JSONObject(members.reversed()))
        #expect(try EventMeta(stored: Array(" \(turned.text)\n".utf8)) == meta)
        #expect(try EventMeta(stored: Array(turned.text.replacing("key-1", with: "key\\u002d1").utf8)) == meta)
    }

    @Test func `is refused, or read as JSON is, wherever it is damaged`() throws {
        let bytes = meta(Principal(kind: .user, id: "ü", onBehalfOf: "ada"), causation: 7).encoded
        for place in bytes.indices {
            #expect(throws: JSONError.self) { try EventMeta(stored: Array(bytes[..<place])) }
            for damage in [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "9"), 0, 0xff] {
                var damaged = bytes
                damaged[place] = damage
                // As JSON it is read by the parser alone, which a space at the end asks for.
                let direct = Result { try EventMeta(stored: damaged) }
                let parsed = Result { try EventMeta(stored: damaged + [0x20]) }
                switch (direct, parsed) {
                case (.success(let direct), .success(let parsed)): #expect(direct == parsed)
                case (.failure, .failure): break
                default: Issue.record("byte \(place) as \(damage): \(direct) and \(parsed)")
                }
            }
        }
    }
}
