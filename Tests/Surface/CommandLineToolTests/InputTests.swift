import ArgumentParser
import Domain
import ProcessTestKit
import Testing
import Vocabulary

@testable import CommandLineTool

@Suite struct `Reading what people write` {
    @Test(arguments: [("500ms", 500), ("5s", 5000), ("1.5s", 1500), ("2m", 120_000), ("6h", 21_600_000)])
    func `a time has a number and a unit`(text: String, milliseconds: Int64) throws {
        #expect(try TimeLimit.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["5", "s", "-5s", "5 s", "5d", "0s", "7h", "1e9s", "", "1.2.3s", "0.1ms", "nan s", "٣s"])
    func `a time without unit or out of range is refused`(text: String) {
        #expect(throws: ValidationError.self) { try TimeLimit.parse(text) }
    }

    @Test func `a mistake in JSON is told with line and column`() {
        let failure = #expect(throws: CommandFailure.self) { try JSONInput.parse(Array("{\n  \"a\": ]\n}".utf8), name: "--input") }
        #expect(failure?.description == "--input is not valid JSON: unexpected character at line 2, column 8")
        #expect(failure?.exitStatus == .wrongUse)
    }

    @Test func `headers are an object of texts`() throws {
        let fields = try JSONInput.fields(Array(#"{"X-One": "1", "two": 2}"#.utf8), name: "--headers")
        #expect(fields.map(\.name) == ["X-One", "two"])
        #expect(fields.map(\.value) == ["1", "2"])
        #expect(throws: CommandFailure.self) { try JSONInput.fields(Array("[]".utf8), name: "--headers") }
        #expect(throws: CommandFailure.self) { try JSONInput.fields(Array(#"{"a": {}}"#.utf8), name: "--headers") }
    }

    @Test func `a secret is given or taken from the environment`() throws {
        let secrets = try RunFileCommand.secrets(["A=b=c", "HOME_KEY", "E="], environment: ["HOME_KEY": "x"])
        #expect(secrets == ["A": "b=c", "HOME_KEY": "x", "E": ""])
        #expect(throws: CommandFailure.self) { try RunFileCommand.secrets(["NOT_THERE"], environment: [:]) }
        #expect(throws: CommandFailure.self) { try RunFileCommand.secrets(["=x"], environment: [:]) }
    }

    @Test(arguments: [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\n", "")])
    func `a secret loses the one line break at its end`(text: String, value: String) {
        #expect(SecretInput.withoutLineBreak(text) == value)
    }

    @Test func `errors name the file as it was given`() {
        let source = WorkflowSource(path: "flows/order.sync.ts", code: "", language: .typescript)
        #expect(source.name == "order.sync")
        #expect(source.naming("f (workflow.ts:7:15)") == "f (flows/order.sync.ts:7:15)")
        #expect(source.place(line: 7, column: 15, "no") == "flows/order.sync.ts:7:15: no")
        #expect(source.place(line: nil, column: 15, "no") == "flows/order.sync.ts: no")
    }

    @Test func `a file's ending says what it is written in`() async throws {
        let folder = try ScratchFolder()
        #expect(try await WorkflowSource(reading: try folder.write("", to: "a.b.TS")).language == .typescript)
        #expect(try await WorkflowSource(reading: try folder.write("", to: "a.mjs")).language == .javascript)
        let other = try folder.write("", to: "ts")
        await #expect(throws: CommandFailure.self) { try await WorkflowSource(reading: other) }
    }
}

@Suite struct `Colours on terminals` {
    @Test(arguments: [
        (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false), (true, ["NO_COLOR": ""], true), (true, ["TERM": "dumb"], false),
    ] as [(Bool, [String: String], Bool)])
    func `colours are for terminals without NO_COLOR`(isTerminal: Bool, environment: [String: String], isShown: Bool) {
        #expect(Style.isShown(isTerminal: isTerminal, environment: environment) == isShown)
    }
}
