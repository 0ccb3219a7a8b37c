import ArgumentParser
package import EventSourcing
package import Vocabulary

/// Asks a server what it has of entities in its memory.
package struct LiveStates: Sendable {
    /// What is known of one entity.
    package struct Entry: Sendable {
        package let version: StreamVersion
        /// SHA-256 of the state, in hexadecimal digits.
        package let digest: String
        /// The state in Base64 for URLs; nil unless it was asked for.
        package let state: String?
    }

    private let client: APIClient

    /// Runs `body` with the server of a data folder, or the one that the environment names; with nil when none runs.
    package static func with<R: Sendable>(dataFolder: String?, _ body: (LiveStates?) async throws -> R) async throws -> R {
        guard let server = try await runningServer(dataFolder) else { return try await body(nil) }
        // The space sees its customers' entities too.
        let whole = Server(
            baseURL: server.baseURL, apiKey: server.apiKey, space: server.space, tenant: server.space ?? server.tenant, keyInShell: server.keyInShell)
        return try await APIClient.with(whole) { try await body(LiveStates(client: $0)) }
    }

    private static func runningServer(_ dataFolder: String?) async throws(CommandFailure) -> Server? {
        let address: ServerAddress
        do { address = try ServerAddress.parse(dataFolder.map { ["--data", $0] } ?? []) } catch { throw .failed("\(error)") }
        do throws(CommandFailure) { return try await address.resolve() } catch {
            guard error.exitStatus == .unreachable else { throw error }
            return nil
        }
    }

    /// What is in memory of those entities that are, at most `Limits.pageRows`; those of other spaces are left out.
    package func entries(_ addresses: [StreamAddress], withState: Bool = false) async throws -> [StreamID: Entry] {
        let entities = addresses.map { address -> JSONValue in
            ["kind": .string(address.category.name), "tenantId": .id(address.tenant), "id": .id(address.stream)]
        }
        let answer = try await client.send("POST", "/live-states", body: ["entities": .array(entities), "withState": .bool(withState)])
        var entries: [StreamID: Entry] = [:]
        for row in answer["data"]?.array ?? [] {
            guard let id = row["id"]?.string.flatMap({ StreamID($0) }), let version = row["version"]?.integer, let digest = row["digest"]?.string
            else { throw CommandFailure.failed("the server answers with something that is no state; are fastn and its server of one release?") }
            entries[id] = Entry(version: StreamVersion(Int32(clamping: version)), digest: digest, state: row["state"]?.string)
        }
        return entries
    }
}
