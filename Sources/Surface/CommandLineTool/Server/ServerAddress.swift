import ArgumentParser
import FoundationEssentials
import Glibc
import HTTPClientDriver
import Vocabulary

/// Which server a command talks to: options, else the environment, else the server that runs on this machine.
struct ServerAddress: ParsableArguments {
    @Option(help: ArgumentHelp("The server's address, in place of FASTN_URL.", valueName: "url"))
    var url: String?
    @Option(help: ArgumentHelp("An API key, in place of FASTN_API_KEY; others on this machine can read command lines.", valueName: "key"))
    var apiKey: String?
    @Option(help: ArgumentHelp("The customer, by id or external id, or space to work on, in place of FASTN_TENANT_ID.", valueName: "id"))
    var tenant: String?
    @Option(help: ArgumentHelp("The key's space, in place of FASTN_SPACE_ID.", valueName: "id"))
    var space: String?
    @Option(help: ArgumentHelp("The data folder of a server on this machine, in place of all FASTN_ variables.", valueName: "folder"))
    var data: String?

    /// The server that is meant. Throws ``CommandFailure`` that names what is missing and how to give it.
    func resolve() async throws(CommandFailure) -> Server { try await resolve(environment: ProcessInfo.processInfo.environment) }

    func resolve(environment: [String: String]) async throws(CommandFailure) -> Server {
        let environment = environment.filter { !$0.value.isEmpty && (data == nil || !$0.key.hasPrefix("FASTN_")) }
        let baseURL = (url ?? environment["FASTN_URL"]).map(withoutSlash)
        let ready = try await readyFile(for: baseURL, in: data ?? DataFolder.path(environment: environment))
        guard let address = baseURL ?? ready.map({ withoutSlash($0.baseURL) }) else { throw .wrongUse("name the server with --url") }
        let given = apiKey ?? environment["FASTN_API_KEY"]
        guard let key = given ?? ready?.apiKey else { throw .wrongUse("no API key for \(address): give it with FASTN_API_KEY or --api-key") }
        let space = try spaceID(space ?? environment["FASTN_SPACE_ID"] ?? ready?.space)
        func server(_ tenant: TenantID) -> Server {
            Server(baseURL: address, apiKey: key, space: space, tenant: tenant, keyInShell: given == nil ? keyInShell(ready) : "$FASTN_API_KEY")
        }
        guard let name = tenant ?? environment["FASTN_TENANT_ID"] ?? ready?.tenant ?? space?.description else {
            throw .wrongUse("no tenant for \(address): give its id with FASTN_TENANT_ID or --tenant")
        }
        if let id = TenantID(name) { return server(id) }
        return server(try await customer(externalID: name, of: server(space ?? TenantID(bits: 0))))
    }

    /// The customer that a space calls so; asks the server.
    private func customer(externalID: String, of server: Server) async throws(CommandFailure) -> TenantID {
        let found: JSONValue
        do {
            found = try await APIClient.with(server) { try await $0.send("GET", at: "/tenants/\(HTTPURL.percentEncoded(externalID))") }
        } catch let failure as CommandFailure { throw failure } catch let refusal as APIRefusal where refusal.status != 404 {
            throw .failed("\(refusal)")
        } catch { throw .wrongUse("--tenant is \"\(externalID)\", which is no id, and the space has no customer of that external id") }
        guard let id = found["id"]?.string.flatMap({ TenantID($0) }) else {
            throw .failed("\(server.baseURL) answers with something that is no customer; are fastn and its server of one release?")
        }
        return id
    }

    /// A server that is named by its address gets the key of a data folder only when it is the one that wrote it.
    private func readyFile(for url: String?, in folder: String) async throws(CommandFailure) -> ReadyFile? {
        guard let url else { return try await ReadyFile(in: folder) }
        // Without a readable file everything must be given, which is checked member by member.
        guard let ready = try? await ReadyFile(in: folder), withoutSlash(ready.baseURL) == url else { return nil }
        return ready
    }

    private func keyInShell(_ ready: ReadyFile?) -> String {
        guard let path = ready.map({ "\($0.folder)/api-key" }), access(path, R_OK) == 0 else { return "$FASTN_API_KEY" }
        return "$(cat \(ShellWord.quoting(path)))"
    }

    private func spaceID(_ text: String?) throws(CommandFailure) -> SpaceID? {
        guard let text else { return nil }
        guard let id = SpaceID(text) else { throw .wrongUse("--space is \"\(text)\"; it must be an id of 36 characters") }
        return id
    }
}

private func withoutSlash(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }
