import LoopbackHTTPServer
import ProcessTestKit
import Testing
import Vocabulary

@Suite struct `The program's exit codes` {
    @Test(arguments: [
        ["run"], ["run", "a.ts", "--timeout", "5"], ["bogus"], ["logs", "--limit", "0"], ["run", "nowhere.ts"], ["replay", "x"], ["run", "a.txt"],
        ["run", "/dev/null.ts", "--input", "{"], ["secrets", "set", "a/b", "v"], ["deploy", "a.ts", "--tier", "huge"], ["logs", "--status", "odd"],
        ["projections", "unpark", "catalog"], ["erase", "--reason", "x"], ["erase", "anna", "--everything", "--reason", "x"], ["erase", "anna"],
    ])
    func `wrong use ends with 2 and says why`(arguments: [String]) async throws {
        let outcome = try await FastnProcess.run(arguments)
        #expect(outcome.exitCode == 2)
        #expect(!outcome.error.isEmpty)
        #expect(outcome.output.isEmpty)
    }

    @Test(arguments: [["--help"], ["run", "--help"], ["help", "deploy"], ["secrets", "set", "--help"]])
    func `help that is asked for is no error`(arguments: [String]) async throws {
        let outcome = try await FastnProcess.run(arguments)
        #expect(outcome.exitCode == 0)
        #expect(outcome.output.contains("USAGE: fastn"))
        #expect(outcome.error.isEmpty)
    }

    @Test func `the version is told when it is asked for`() async throws {
        let outcome = try await FastnProcess.run(["--version"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(outcome.output)")
    }

    @Test(arguments: [
        ["run"], ["deploy"], ["secrets"], ["logs"], ["replay"], ["as-of"], ["history"], ["diff"], ["erase"], ["status"], ["projections", "unpark"],
    ])
    func `help names the exit codes`(command: [String]) async throws {
        let help = try await FastnProcess.run(command + ["--help"]).output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(help.contains("Exit codes: 0 done, 1 failed, 2 wrong use or refused input, 3 no server answers, 124 timed out."))
    }

    @Test func `without a server one line says what to do`() async throws {
        let outcome = try await FastnProcess.run(["logs"])
        #expect(outcome.exitCode == 3)
        #expect(outcome.error.hasPrefix("fastn: no server runs on "))
        #expect(outcome.error.contains("start it with fastn serve"))
        #expect(outcome.error.split(separator: "\n").count == 1)
    }

    @Test func `a server that does not answer is told apart from a no`() async throws {
        var environment = try FakeAPI { _, _, _ in nil }.environment
        environment["FASTN_URL"] = "http://127.0.0.1:1"
        let outcome = try await FastnProcess.run(["secrets", "list"], environment: environment)
        #expect(outcome.exitCode == 3)
        #expect(outcome.error.hasPrefix("fastn: no server answers at http://127.0.0.1:1 "))
    }

    @Test func `an unknown key is said without showing it`() async throws {
        let api = try FakeAPI { _, _, _ in nil }
        let outcome = try await FastnProcess.run(["logs"], environment: api.environment.merging(["FASTN_API_KEY": "fk_wrong"]) { $1 })
        #expect(outcome.exitCode == 1)
        #expect(outcome.error == "fastn: the server does not know the API key; give a valid one with FASTN_API_KEY or --api-key\n")
    }

    @Test(arguments: [(400, 2), (404, 1), (409, 1), (413, 2), (500, 1), (503, 3)] as [(Int, Int32)])
    func `a refusal of the server has its exit code`(status: Int, exitCode: Int32) async throws {
        let api = try FakeAPI { _, _, _ in (status, ["message": "No.", "requestId": "r1"]) }
        let outcome = try await FastnProcess.run(["secrets", "list"], environment: api.environment)
        #expect(outcome.exitCode == exitCode)
        #expect(outcome.error == "fastn: No.\(status >= 500 ? " (request r1)" : "")\n")
    }
}

@Suite struct `Secrets on a server` {
    @Test func `a value is read from standard input and never shown`() async throws {
        let api = try FakeAPI { method, path, _ in (method, path) == ("PUT", "/secrets/API_KEY") ? (204, .null) : nil }
        for arguments in [["API_KEY"], ["API_KEY", "-"]] {
            let outcome = try await FastnProcess.run(["secrets", "set"] + arguments, environment: api.environment, input: "geheim\n")
            #expect(outcome.exitCode == 0)
            #expect(outcome.output == "API_KEY is written\n")
            #expect(outcome.error.isEmpty)
        }
        #expect(api.calls == ["PUT secrets/API_KEY", "PUT secrets/API_KEY"])
        #expect(try api.body(of: "PUT secrets/API_KEY") == ["value": "geheim"])
        #expect(api.server.requests.first?.value("x-fastn-space-id") == FakeAPI.space)
    }

    @Test func `an empty value is refused`() async throws {
        let api = try FakeAPI { _, _, _ in (204, .null) }
        let outcome = try await FastnProcess.run(["secrets", "set", "A"], environment: api.environment, input: "\n")
        #expect(outcome.exitCode == 2)
        #expect(api.calls.isEmpty)
    }

    @Test func `a list is read page by page`() async throws {
        let api = try FakeAPI { _, path, _ in
            switch path {
            case "/secrets?limit=200": (200, FakeAPI.page([["name": "B", "updatedAt": "t2"]], next: "c+1"))
            case "/secrets?limit=200&cursor=c%2b1": (200, FakeAPI.page([["name": "A", "updatedAt": "t1"]]))
            default: nil
            }
        }
        #expect(try await FastnProcess.run(["secrets", "list"], environment: api.environment).output == "B  t2\nA  t1\n")
        let json = try await FastnProcess.run(["secrets", "list", "--json"], environment: api.environment).output
        #expect(try JSONValue(parsing: json).array?.compactMap { $0["name"]?.string } == ["B", "A"])
    }

    @Test func `a secret that is not there cannot be deleted`() async throws {
        let api = try FakeAPI { method, path, _ in (method, path) == ("DELETE", "/secrets/A") ? (204, .null) : nil }
        #expect(try await FastnProcess.run(["secrets", "delete", "A"], environment: api.environment).output == "A is deleted\n")
        #expect(try await FastnProcess.run(["secrets", "delete", "B"], environment: api.environment).exitCode == 1)
    }
}

@Suite struct `Replaying an execution` {
    @Test func `the same way ends with 0`() async throws {
        let api = try FakeAPI { method, path, _ in
            (method, path) == ("POST", "/executions/\(executionID(1))/replay") ? (200, ["same": true, "calls": 2]) : nil
        }
        let outcome = try await FastnProcess.run(["replay", executionID(1)], environment: api.environment)
        #expect(outcome.exitCode == 0)
        #expect(outcome.output == "same: it went the same way, 2 calls answered from the journal\n")
        #expect(try await FastnProcess.run(["replay", executionID(2)], environment: api.environment).exitCode == 1)
    }

    @Test func `a difference ends with 1 and is shown`() async throws {
        let api = try FakeAPI { _, _, _ in (200, ["same": false, "calls": 2, "difference": "call 1: other"]) }
        let outcome = try await FastnProcess.run(["replay", executionID(1)], environment: api.environment)
        #expect(outcome.exitCode == 1)
        #expect(outcome.output == "different: call 1: other\n")
        let json = try await FastnProcess.run(["replay", executionID(1), "--json"], environment: api.environment)
        #expect(json.exitCode == 1)
        #expect(try JSONValue(parsing: json.output) == ["same": false, "calls": 2, "difference": "call 1: other"])
    }
}
