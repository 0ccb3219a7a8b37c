import ArgumentParser
import Domain
import EventSourcing
import Vocabulary

/// Which entity a command asks the past of.
struct EntityArguments: ParsableArguments {
    @Argument(help: "What it is: \(EntityKindName.allValueStrings.joined(separator: ", ")).") var kind: EntityKindName
    @Argument(help: ArgumentHelp("Its id, where a tenant has many of the kind.", valueName: "id")) var id: String?

    func validate() throws {
        switch (kind.kind.stream, id) {
        case (.ofItsOwn, nil): throw ValidationError("name the \(kind.kind.name) by its id")
        case (.ofItsOwn, let id?) where StreamID(id) == nil: throw ValidationError("\"\(id)\" is not an id, which has 36 characters")
        case (.ofItsOwn, _?), (_, nil): break
        case (_, _?): throw ValidationError("a tenant has one \(kind.kind.name), which needs no id; another tenant is named with --tenant")
        }
    }

    /// Asks the server for `part` of the entity's past.
    func get(_ part: String, query: [(name: String, value: String)] = [], from address: ServerAddress) async throws -> JSONValue {
        try await APIClient.with(try server(try await address.resolve())) { try await $0.send("GET", "\(path)/\(part)", query: query) }
    }

    /// Asks the server for all rows of a list of the entity's past.
    func list(_ part: String, from address: ServerAddress) async throws -> [JSONValue] {
        try await APIClient.with(try server(try await address.resolve())) { try await $0.list("\(path)/\(part)") }
    }

    private var path: String {
        switch kind.kind.stream {
        case .ofItsOwn(let collection, _): "/\(collection)/\(id ?? "")"
        case .onePerTenant(let path, _): "/\(path)"
        case .customer, .space: ""
        }
    }

    /// A space is asked for as the tenant that it is.
    private func server(_ server: Server) throws(CommandFailure) -> Server {
        guard case .space = kind.kind.stream else { return server }
        guard let space = server.space else { throw .wrongUse("no space for \(server): give its id with FASTN_SPACE_ID or --space") }
        return Server(baseURL: server.baseURL, apiKey: server.apiKey, space: space, tenant: space, keyInShell: server.keyInShell)
    }
}

/// The name of a kind of entity; that of its collection means the same.
struct EntityKindName: ExpressibleByArgument {
    let kind: EntityKind

    init?(argument: String) {
        let found = EntityKinds.all.first { kind in
            if case .ofItsOwn(argument, _) = kind.stream { true } else { kind.name == argument }
        }
        guard let found else { return nil }
        kind = found
    }

    static var allValueStrings: [String] { EntityKinds.all.map(\.name) }
}
