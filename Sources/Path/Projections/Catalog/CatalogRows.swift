import Domain
import PostgresDriver
import Vocabulary

extension CatalogTrigger {
    /// Columns: trigger, tenant, specification, enabled.
    init(row: PostgresRow) throws {
        self.init(id: try row.id(0), tenant: try row.id(1), specification: try row.specification(2), isEnabled: try row.bool(3))
    }
}

extension PostgresRow {
    /// A trigger's specification, read by the same code that reads the log.
    func specification(_ column: Int) throws -> TriggerSpecification {
        let form = StoredForm("trigger.created", try JSONValue(parsing: try bytes(column)))
        guard case .created(let specification) = try TriggerEvent.restore(form) else { throw StoredFormError(form) }
        return specification
    }

    func retryPolicy(_ column: Int) throws -> RetryPolicy {
        var problems: [Problem] = []
        return RetryPolicy(json: try JSONValue(parsing: try bytes(column)), problems: &problems)
    }

    func auth(_ column: Int) throws -> ConnectionAuth {
        let json = try JSONValue(parsing: try bytes(column))
        guard let auth = ConnectionAuth(name: json["type"]?.string ?? "", header: json["header"]?.string) else {
            throw PostgresError(.decoding(column: column), reason: "the kind of credentials is not known")
        }
        return auth
    }
}

extension CatalogWorkflow {
    /// What a run is pinned to: the newest published version's settings, or the draft's before the first.
    static let selection = """
        select w.workflow_id, w.tenant_id, w.slug, w.status = 'active', v.number, v.hash, coalesce(v.tier, w.tier),
            coalesce(v.timeout_seconds, w.timeout_seconds), coalesce(v.retry, w.retry)
        from workflows w left join workflow_versions v on v.workflow_id = w.workflow_id and v.number = w.current_version
        """

    /// The columns of `selection`.
    init(row: PostgresRow) throws {
        self.init(
            id: try row.id(0), owner: try row.id(1), slug: try row.text(2), isActive: try row.bool(3), version: try row.optionalInt(4),
            artefact: try row.optionalText(5), tier: try row.choice(6), timeoutSeconds: try row.int(7), retry: try row.retryPolicy(8))
    }
}

extension CatalogArtefact {
    /// Columns: hash, script, source map, language.
    init(row: PostgresRow) throws {
        let artefact = WorkflowArtefact(hash: try row.text(0), script: try row.utf8(1), sourceMap: try row.utf8(2))
        self.init(artefact: artefact, language: try row.choice(3))
    }
}

extension CatalogConnection {
    /// Columns: connection, tenant, name, connector, credentials' kind, allowed hosts, secret.
    init(row: PostgresRow) throws {
        let hosts = try JSONValue(parsing: try row.bytes(5)).array?.compactMap(\.string) ?? []
        let profile = ConnectionProfile(
            tenant: try row.id(1), name: try row.text(2), connector: try row.text(3), auth: try row.auth(4), allowedHosts: hosts)
        self.init(id: try row.id(0), profile: profile, secret: try row.optionalID(6))
    }
}
