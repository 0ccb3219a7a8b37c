import Domain
import Ingress
import Vocabulary

/// What a request says of a trigger, laid over what is known of it already.
struct TriggerInput {
    /// A route as the request names its workflow: by slug or by id.
    struct NamedRoute {
        let workflow: String
        let filter: JSONValue?
    }

    let name: String
    let environment: EnvironmentName
    let scheme: VerificationScheme
    /// The signing secret in plain text, on its way into the vault; nil leaves what there is.
    let secret: String?
    /// Nil leaves what there is.
    let routes: [NamedRoute]?
    /// Where in a payload the data subject stands; empty for nowhere, nil leaves what there is.
    let subject: String?

    init(_ fields: inout RequestFields, over known: TriggerSpecification?) {
        if let known { name = fields.string("name") ?? known.name } else { name = fields.requiredString("name") }
        if let type = fields.string("type"), type != "webhook" {
            fields.report("type", "must be \"webhook\", the only type of trigger that this release can make")
        }
        environment = Self.environment(&fields) ?? known?.environment ?? .production
        let verification = Self.verification(&fields, over: known)
        if verification == nil, known == nil {
            let example = "{\"scheme\": \"github\", \"secret\": \"…\"}"
            fields.report("verification", "is required, such as \(example); to take deliveries from anybody, ask for \"none\"")
        }
        scheme = verification?.scheme ?? known?.knownScheme ?? .none
        secret = verification?.secret
        subject = fields.string("subject")
        routes = fields.each("routes") { route, _ in
            // Our own answers name the workflow by slug and by id, and may be sent back.
            let (slug, id) = (route.string("workflow"), route.string("workflowId"))
            if slug == nil, id == nil { route.report("workflow", "is required") }
            return NamedRoute(workflow: slug ?? id ?? "", filter: route.value("filter"))
        }
    }

    private static func environment(_ fields: inout RequestFields) -> EnvironmentName? {
        guard let name = fields.string("environment") else { return nil }
        if let problem = TextRules.key(name, at: "/environment") { fields.report([problem]) }
        return EnvironmentName(name)
    }

    /// `{scheme, secret}`, or the word `none`.
    private static func verification(
        _ fields: inout RequestFields, over known: TriggerSpecification?
    ) -> (scheme: VerificationScheme?, secret: String?)? {
        if fields.value("verification")?.string?.lowercased() == VerificationScheme.none.rawValue { return (VerificationScheme.none, nil) }
        return fields.nested("verification") { inner in
            if inner.value("scheme") == nil, inner.value("secret") == nil { inner.report("scheme", "is required") }
            let scheme: VerificationScheme? = inner.choice("scheme")
            let secret = inner.string("secret").flatMap { $0.isEmpty ? nil : $0 }
            if let effective = scheme ?? known?.knownScheme {
                // The secret that is known was checked against the old scheme, and its sender agreed on it for that one.
                if secret == nil, effective != .none, let known, known.knownScheme != effective {
                    inner.report("secret", "is required when the scheme changes")
                }
                if let secret { check(secret, with: effective, &inner) }
            }
            return (scheme, secret)
        }
    }

    private static func check(_ secret: String, with scheme: VerificationScheme, _ fields: inout RequestFields) {
        if scheme == .none {
            fields.report("secret", "must be left out: the scheme \"none\" proves nothing with it")
        } else if secret.utf8.count > Limits.secretBytes {
            fields.report("secret", "must be at most \(Limits.secretBytes) bytes")
        } else if !TriggerSecrets.areUsable(Array(secret.utf8), with: scheme) {
            let form = scheme == .standardWebhooks ? "base64, with or without the prefix whsec_" : "a text that is not empty"
            fields.report("secret", "is not usable with the scheme \(scheme.rawValue), which wants \(form) on each line")
        }
    }
}

extension TriggerSpecification {
    /// Nil when a later release knew a scheme that this one does not.
    fileprivate var knownScheme: VerificationScheme? { VerificationScheme(rawValue: scheme) }
}
