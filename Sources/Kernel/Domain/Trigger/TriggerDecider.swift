package import Vocabulary

/// Decides what may happen to a trigger.
package enum TriggerDecider: Decider {
    package static let category = Category("trigger")
    package static let initialState = TriggerState.absent

    package static func decide(_ command: TriggerCommand, _ state: TriggerState, now: Timestamp) throws(EntityRejection) -> [TriggerEvent] {
        switch (command, state) {
        case (.create(let specification), .absent):
            try require(problems(of: specification))
            return [.created(specification)] + (specification.isUnverified ? [.verificationWaived] : [])
        case (.create, .present), (.create, .deleted): throw .exists(category)
        case (_, .absent), (_, .deleted): throw .unknown(category)
        case (.update(let specification, let base), .present(let old, _)):
            try require(problems(of: specification))
            if specification == old { return [] }
            guard base == old else { throw .outdated(category) }
            return [.updated(specification)] + (specification.isUnverified && !old.isUnverified ? [.verificationWaived] : [])
        case (.enable, .present(_, let isEnabled)): return isEnabled ? [] : [.enabled]
        case (.disable, .present(_, let isEnabled)): return isEnabled ? [.disabled] : []
        case (.delete, .present): return [.deleted]
        }
    }

    package static func evolve(_ state: TriggerState, _ event: TriggerEvent) -> TriggerState {
        switch (event, state) {
        case (.created(let specification), _): .present(specification, isEnabled: true)
        case (.updated(let specification), .present(_, let isEnabled)): .present(specification, isEnabled: isEnabled)
        case (.enabled, .present(let specification, _)): .present(specification, isEnabled: true)
        case (.disabled, .present(let specification, _)): .present(specification, isEnabled: false)
        case (.deleted, _): .deleted
        case (.verificationWaived, _), (.updated, _), (.enabled, _), (.disabled, _): state
        }
    }

    package static func action(of command: TriggerCommand) -> String {
        switch command {
        case .create: "trigger.create"
        case .update: "trigger.update"
        case .enable: "trigger.enable"
        case .disable: "trigger.disable"
        case .delete: "trigger.delete"
        }
    }

    private static func problems(of specification: TriggerSpecification) -> [Problem?] {
        var problems = [TextRules.name(specification.name, at: "/name")]
        if specification.secret == nil, !specification.isUnverified {
            problems.append(
                Problem("/verification/secret", "is required; to take deliveries from anybody, ask for it with the scheme \"none\""))
        }
        if let subject = specification.subject { problems.append(JSONPointer.problem(of: subject, at: "/subject")) }
        if specification.routes.count > Limits.routesPerTrigger {
            problems.append(Problem("/routes", "must have at most \(Limits.routesPerTrigger) elements"))
        }
        for (index, route) in specification.routes.enumerated() {
            if let filter = route.filter { problems += RouteFilter.problems(of: filter, at: "/routes/\(index)/filter") }
        }
        return problems
    }
}
