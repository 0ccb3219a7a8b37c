import ArgumentParser
import ProcessTestKit
import Testing
import Vocabulary

@testable import CommandLineTool

@Suite struct `Finding the server` {
    @Test func `the data folder follows the user`() {
        #expect(DataFolder.defaultPath(isRoot: true, environment: ["HOME": "/h"]) == "/var/lib/fastn")
        #expect(DataFolder.defaultPath(isRoot: false, environment: ["HOME": "/h"]) == "/h/.local/share/fastn")
        #expect(DataFolder.defaultPath(isRoot: false, environment: ["HOME": "/h", "XDG_DATA_HOME": "/x"]) == "/x/fastn")
        #expect(DataFolder.defaultPath(isRoot: false, environment: ["HOME": "/h", "XDG_DATA_HOME": "x"]) == "/h/.local/share/fastn")
        #expect(DataFolder.path(environment: ["FASTN_DATA": "/d"]) == "/d")
    }

    @Test func `a server that runs here is found by its file`() async throws {
        let folder = try ready()
        let server = try await ServerAddress.parse([]).resolve(environment: ["FASTN_DATA": folder.path])
        #expect(server.baseURL == "http://127.0.0.1:9")
        #expect(server.apiKey == "local key")
        #expect("\(server.tenant)" == FakeAPI.tenant)
        #expect(server.keyInShell == "$FASTN_API_KEY")
        try folder.write("local key", to: "api-key")
        let again = try await ServerAddress.parse(["--data", folder.path]).resolve(environment: [:])
        #expect(again.keyInShell == "$(cat \(folder.path)/api-key)")
    }

    @Test func `options win over the environment and it over the file`() async throws {
        let folder = try ready()
        let environment = ["FASTN_DATA": folder.path, "FASTN_API_KEY": "theirs", "FASTN_TENANT_ID": FakeAPI.space]
        let server = try await ServerAddress.parse(["--api-key", "mine"]).resolve(environment: environment)
        #expect(server.apiKey == "mine")
        #expect("\(server.tenant)" == FakeAPI.space)
        #expect(server.baseURL == "http://127.0.0.1:9")
    }

    @Test func `a server named by its address never gets the key of another`() async throws {
        let folder = try ready()
        let address = try ServerAddress.parse(["--url", "http://elsewhere.example", "--tenant", FakeAPI.tenant])
        let failure = await #expect(throws: CommandFailure.self) { try await address.resolve(environment: ["FASTN_DATA": folder.path]) }
        #expect(failure?.exitStatus == .wrongUse)
        #expect(failure?.description.contains("FASTN_API_KEY") == true)
        let same = try await ServerAddress.parse(["--url", "http://127.0.0.1:9/"]).resolve(environment: ["FASTN_DATA": folder.path])
        #expect(same.apiKey == "local key")
    }

    @Test func `a data folder stands for all variables`() async throws {
        let folder = try ready()
        let server = try await ServerAddress.parse(["--data", folder.path]).resolve(
            environment: ["FASTN_URL": "http://elsewhere.example", "FASTN_API_KEY": "theirs"])
        #expect(server.baseURL == "http://127.0.0.1:9")
        #expect(server.apiKey == "local key")
    }

    @Test func `a customer may be named by the space's own id for him`() async throws {
        let api = try FakeAPI { method, path, _ in
            method == "GET" && path == "/api/v1/tenants/No.%204%2F711" ? (200, ["id": .string(FakeAPI.tenant)]) : nil
        }
        var environment = api.environment
        environment["FASTN_TENANT_ID"] = "No. 4/711"
        #expect("\(try await ServerAddress.parse([]).resolve(environment: environment).tenant)" == FakeAPI.tenant)
        let stranger = try ServerAddress.parse(["--tenant", "4712"])
        let failure = await #expect(throws: CommandFailure.self) { try await stranger.resolve(environment: environment) }
        #expect(failure?.description == "--tenant is \"4712\", which is no id, and the space has no customer of that external id")
        environment["FASTN_API_KEY"] = "wrong"
        await #expect(throws: CommandFailure.self) { try await stranger.resolve(environment: environment) }
    }

    @Test func `without a tenant the space is meant`() async throws {
        let address = try ServerAddress.parse(["--url", "http://a", "--api-key", "k", "--space", FakeAPI.space])
        #expect("\(try await address.resolve(environment: [:]).tenant)" == FakeAPI.space)
        let lost = try ServerAddress.parse(["--url", "http://a", "--api-key", "k"])
        await #expect(throws: CommandFailure.self) { try await lost.resolve(environment: [:]) }
    }

    @Test func `a damaged file is like no server`() async throws {
        let folder = try ScratchFolder()
        let address = try ServerAddress.parse(["--data", folder.path])
        let missing = await #expect(throws: CommandFailure.self) { try await address.resolve(environment: [:]) }
        #expect(missing?.exitStatus == .unreachable)
        try folder.write("{", to: "ready.json")
        let damaged = await #expect(throws: CommandFailure.self) { try await address.resolve(environment: [:]) }
        #expect(damaged?.exitStatus == .unreachable)
    }

    private func ready() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        let text = #"{"baseURL": "http://127.0.0.1:9", "apiKey": "local key", "spaceID": "\#(FakeAPI.space)", "tenantID": "\#(FakeAPI.tenant)"}"#
        try folder.write(text, to: "ready.json")
        return folder
    }
}
