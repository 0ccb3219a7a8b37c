import Cryptography
import Domain
import EventSourcing
import Vocabulary

/// The demo space of an installation and the key to it, as kept in the data folder.
struct Installation: Sendable {
    let space: SpaceID
    let tenant: TenantID
    let workflow: WorkflowID
    let keyID: APIKeyID
    /// The key's text: it is in a file of mode 0600; the database has its digest.
    let apiKey: String

    /// Reads what an earlier start has written, or makes it; written before anything of it exists in the log, so that a start that
    /// was cut short goes on where it was.
    static func open(in folder: String, regions: Regions, ids: any IDSource) throws -> Installation {
        let path = "\(folder)/installation.json"
        let keyPath = apiKeyPath(in: folder)
        if let text = try PrivateFiles.read(path), let key = try PrivateFiles.read(keyPath), let known = Installation(text, key: key) { return known }
        let fresh = Installation(
            space: Self.id(regions, ids), tenant: Self.id(regions, ids), workflow: ids.next(), keyID: ids.next(),
            apiKey: "fk_test_" + Base64.encode(RandomBytes.make(count: 32), .url))
        try PrivateFiles.write(fresh.apiKey + "\n", to: keyPath)
        try PrivateFiles.write(fresh.json.text + "\n", to: path)
        return fresh
    }

    /// A fresh id in the main region.
    private static func id(_ regions: Regions, _ ids: any IDSource) -> TenantID {
        let id: TenantID = ids.next()
        return regions.id(like: id, in: .main) ?? id
    }

    static func apiKeyPath(in folder: String) -> String { "\(folder)/api-key" }

    var keyDigest: String { SHA256.hash(Array(apiKey.utf8)).hex }

    private var json: JSONValue { ["spaceID": .id(space), "tenantID": .id(tenant), "workflowID": .id(workflow), "keyID": .id(keyID)] }

    private init?(_ text: String, key: String) {
        guard let json = try? JSONValue(parsing: text),  // A damaged file is like none: a new demo space is made.
            let space = json["spaceID"]?.string.flatMap({ SpaceID($0) }), let tenant = json["tenantID"]?.string.flatMap({ TenantID($0) }),
            let workflow = json["workflowID"]?.string.flatMap({ WorkflowID($0) }), let keyID = json["keyID"]?.string.flatMap({ APIKeyID($0) })
        else { return nil }
        self.init(space: space, tenant: tenant, workflow: workflow, keyID: keyID, apiKey: key.filter { !$0.isWhitespace })
    }

    private init(space: SpaceID, tenant: TenantID, workflow: WorkflowID, keyID: APIKeyID, apiKey: String) {
        self.space = space
        self.tenant = tenant
        self.workflow = workflow
        self.keyID = keyID
        self.apiKey = apiKey
    }
}
