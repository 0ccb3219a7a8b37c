package import Vocabulary

extension ConnectionEvent {
    package var stored: StoredForm {
        switch self {
        case .created(let profile, let secret):
            StoredForm(
                "connection.created",
                [
                    "tenantId": .id(profile.tenant), "name": .string(profile.name), "connector": .string(profile.connector),
                    "auth": profile.auth.json, "allowedHosts": .array(profile.allowedHosts.map(JSONValue.string)),
                    "secretId": secret.map(JSONValue.id) ?? .null,
                ])
        case .credentialsRotated(let auth, let secret):
            StoredForm("connection.credentials.rotated", ["auth": auth.json, "secretId": secret.map(JSONValue.id) ?? .null])
        case .deleted(let tenant, let name): StoredForm("connection.deleted", ["tenantId": .id(tenant), "name": .string(name)])
        }
    }

    package static func decode(_ form: StoredForm) throws(StoredFormError) -> ConnectionEvent {
        let field = FieldReader(form)
        switch (form.type, form.schema) {
        case ("connection.created", 1):
            let hosts = try field.array("allowedHosts")
            let profile = ConnectionProfile(
                tenant: try field.id("tenantId"), name: try field.string("name"), connector: try field.string("connector"),
                auth: try auth(in: field), allowedHosts: hosts.compactMap(\.string))
            // A host that got lost would widen where the credentials may go.
            _ = try field.unwrap(profile.allowedHosts.count == hosts.count ? true : nil, "allowedHosts")
            return .created(profile, secret: try field.optionalID("secretId"))
        case ("connection.credentials.rotated", 1): return .credentialsRotated(try auth(in: field), secret: try field.optionalID("secretId"))
        case ("connection.deleted", 1): return .deleted(tenant: try field.id("tenantId"), name: try field.string("name"))
        default: throw StoredFormError(form)
        }
    }

    private static func auth(in field: FieldReader) throws(StoredFormError) -> ConnectionAuth {
        let json = try field.value("auth")
        return try field.unwrap(ConnectionAuth(name: json["type"]?.string ?? "", header: json["header"]?.string), "auth")
    }
}

extension ConnectionAuth {
    /// `{type, header?}`, as stored and as shown.
    package var json: JSONValue {
        var object: JSONObject = ["type": .string(name)]
        if let header { object.append("header", .string(header)) }
        return .object(object)
    }
}
