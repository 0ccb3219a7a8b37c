package import Vocabulary

/// What may be asked of a trigger, which starts workflows.
package enum TriggerCommand: Sendable {
    case create(TriggerSpecification)
    /// Saves a specification that was made of another one.
    case update(TriggerSpecification, over: TriggerSpecification)
    case enable
    case disable
    case delete
}

/// What a trigger is: where its events come from, how they are proven, and where they go.
package struct TriggerSpecification: Hashable, Sendable, Codable {
    package let space: SpaceID
    package let name: String
    package let environment: EnvironmentName
    /// The scheme's name, `github`; whether it is known is checked where signatures are.
    package let scheme: String
    /// The encrypted record that holds the signing secret; nil only for the scheme `none`.
    package let secret: SecretID?
    package let routes: [TriggerRoute]
    /// Where in a payload the data subject stands, as a JSON pointer; nil where payloads are the tenant's alone. Source: RFC 6901.
    package let subject: String?

    package init(
        space: SpaceID, name: String, environment: EnvironmentName, scheme: String, secret: SecretID?, routes: [TriggerRoute], subject: String? = nil
    ) {
        self.space = space
        self.name = name
        self.environment = environment
        self.scheme = scheme
        self.secret = secret
        self.routes = routes
        self.subject = subject
    }

    /// Whether deliveries are taken without proof of their origin.
    package var isUnverified: Bool { scheme == "none" }
}

/// One workflow that a trigger's events may start, and which of them do.
package struct TriggerRoute: Hashable, Sendable, Codable {
    package let workflow: WorkflowID
    /// Nil lets every event pass.
    package let filter: JSONValue?

    package init(workflow: WorkflowID, filter: JSONValue?) {
        self.workflow = workflow
        self.filter = filter.map(RouteFilter.normalized)
    }
}
