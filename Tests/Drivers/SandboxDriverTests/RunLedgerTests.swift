import SandboxProtocol
import Testing

@testable import SandboxDriver

@Suite struct `Judging a worker's frames` {
    private func call(_ id: UInt32, _ payload: String = #"{"op":"state.get","args":{}}"#) -> SandboxFrame {
        SandboxFrame(.call, run: 1, id: id, payload: Array(payload.utf8))
    }

    @Test func `calls come in order and once`() throws {
        var ledger = RunLedger()
        #expect(try ledger.accept(call(0)) == .call(SandboxCall(id: 0, operation: "state.get", argumentsJSON: Array("{}".utf8))))
        #expect(throws: RunLedger.Violation.self) { try ledger.accept(call(0)) }
        #expect(throws: RunLedger.Violation.self) { try ledger.accept(call(2)) }
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"op":"a"}"#, #"{"args":1}"#, #"{"op":1,"args":1}"#, #"{"op":"a","args":}"#, #"{"op":"a","args":1} x"#,
        #"{"op":"a","args":01}"#, #"{"op":"a","args":"\x"}"#, #"{"op":"a","args":[1,]}"#, "{\"op\":\"a\",\"args\":\"\u{1}\"}",
        #"{"op":"a","args":{"b" 1}}"#, #"{"op":"a","args":tru}"#,
        "{\"op\":\"\(String(repeating: "a", count: 65))\",\"args\":1}",
    ])
    func `a malformed call is a violation`(payload: String) {
        var ledger = RunLedger()
        #expect(throws: RunLedger.Violation.self) { try ledger.accept(call(0, payload)) }
    }

    @Test func `more open calls than allowed are a violation`() throws {
        var ledger = RunLedger()
        for id in 0..<UInt32(SandboxLimits.openCalls) { _ = try ledger.accept(call(id)) }
        #expect(throws: RunLedger.Violation.self) { try ledger.accept(call(UInt32(SandboxLimits.openCalls))) }
    }

    @Test func `more calls in all than allowed are a violation`() throws {
        var ledger = RunLedger()
        for id in 0..<UInt32(SandboxLimits.totalCalls) {
            _ = try ledger.accept(call(id))
            _ = ledger.close(call: id)
        }
        #expect(throws: RunLedger.Violation.self) { try ledger.accept(call(UInt32(SandboxLimits.totalCalls))) }
    }

    @Test func `a call is answered once`() throws {
        var ledger = RunLedger()
        _ = try ledger.accept(call(0))
        let answers = [ledger.close(call: 0), ledger.close(call: 0)]
        #expect(answers == [true, false])
    }

    @Test(arguments: [SandboxFrame.Kind.script, .open, .value, .error, .start, .ready])
    func `frames that only the host sends are a violation`(kind: SandboxFrame.Kind) {
        var ledger = RunLedger()
        #expect(throws: RunLedger.Violation.self) { try ledger.accept(SandboxFrame(kind, run: 1)) }
    }

    @Test func `bytes that are not UTF-8 are a violation`() {
        var ledger = RunLedger()
        #expect(throws: RunLedger.Violation.self) { try ledger.accept(SandboxFrame(.result, run: 1, payload: [0x22, 0xFF, 0x22])) }
    }

    @Test func `deep nesting is refused without recursion`() throws {
        var ledger = RunLedger()
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        guard case .failed(let failure) = try ledger.accept(SandboxFrame(.result, run: 1, payload: deep)) else { throw Unexpected() }
        #expect(failure.message.contains("nested deeper"))
    }

    @Test func `texts are decoded with their escapes`() throws {
        var ledger = RunLedger()
        let payload = Array(#"{"level":"log","text":"a\n\"\\\u00e9\ud83d\ude00\ud800\/"}"#.utf8)
        #expect(try ledger.accept(SandboxFrame(.log, run: 1, payload: payload)) == .log(.log, "a\n\"\\é😀\u{FFFD}/"))
    }

    @Test func `literals are read back as they were`() throws {
        let text = "a\u{0}\u{1F}\"\\\n é😀"
        try JSONText.validate(JSONText.literal(text))
        #expect(JSONText.stringValue(JSONText.literal(text)[...]) == text)
    }
}

@Suite struct `Mapping back to the source` {
    @Test func `segments lead to line and column`() throws {
        let map = SourceMap(json: Array(#"{"version":3,"mappings":"AAAA,IAEM;;AADN"}"#.utf8))
        #expect(try #require(map.original(line: 1, column: 1)) == (1, 1))
        #expect(try #require(map.original(line: 1, column: 4)) == (1, 1))
        #expect(try #require(map.original(line: 1, column: 9)) == (3, 7))
        #expect(try #require(map.original(line: 3, column: 2)) == (2, 1))
        #expect(map.original(line: 2, column: 1) == nil)
        #expect(map.original(line: 9, column: 1) == nil)
    }

    @Test(arguments: ["", "{", #"{"mappings":5}"#, #"{"mappings":"????,;;A,AA,ggggggggggggggg"}"#])
    func `a malformed map maps nothing`(json: String) {
        #expect(SourceMap(json: Array(json.utf8)).original(line: 1, column: 1) == nil)
    }
}
