package import Testing
package import Vocabulary

/// How a decider answered a command, to be compared with what the spec claims.
package struct Decision<D: Decider>: Sendable where D.Event: Equatable {
    enum Answer: Sendable {
        case accepted([D.Event])
        case refused(D.Refusal)
    }

    let history: [D.Event]
    let answer: Answer

    /// The events of an accepted command; empty when it was refused.
    package var events: [D.Event] { if case .accepted(let events) = answer { events } else { [] } }

    /// The refusal; nil when the command was accepted.
    package var refusal: D.Refusal? { if case .refused(let refusal) = answer { refusal } else { nil } }

    /// The state after the decision; that before it when the command was refused.
    package var state: D.State { (history + events).reduce(D.initialState, D.evolve) }

    /// Exactly these events, in this order.
    @discardableResult
    package func then(_ wanted: D.Event..., sourceLocation: SourceLocation = #_sourceLocation) -> Decision {
        check(answer: wanted, sourceLocation)
        return self
    }

    /// Accepted, with nothing to do.
    @discardableResult
    package func thenNothing(sourceLocation: SourceLocation = #_sourceLocation) -> Decision {
        check(answer: [], sourceLocation)
        return self
    }

    /// Refused with that meaning.
    @discardableResult
    package func thenRejected(_ kind: RejectionKind, sourceLocation: SourceLocation = #_sourceLocation) -> Decision {
        switch answer {
        case .refused(let refusal) where refusal.kind == kind: break
        case .refused(let refusal): Issue.record("refused as \(refusal.kind), wanted \(kind): \(refusal)", sourceLocation: sourceLocation)
        case .accepted(let events): Issue.record("accepted with \(events), wanted a refusal: \(kind)", sourceLocation: sourceLocation)
        }
        return self
    }

    /// Refused as invalid, with exactly these members at fault, in this order.
    @discardableResult
    package func thenRejected(at pointers: String..., sourceLocation: SourceLocation = #_sourceLocation) -> Decision {
        thenRejected(.invalid, sourceLocation: sourceLocation)
        if let refusal, refusal.problems.map(\.pointer) != pointers {
            Issue.record("problems \(refusal.problems), wanted them at \(pointers)", sourceLocation: sourceLocation)
        }
        return self
    }

    private func check(answer wanted: [D.Event], _ sourceLocation: SourceLocation) {
        switch answer {
        case .accepted(wanted): break
        case .accepted(let events): Issue.record("the events are \(events), wanted \(wanted)", sourceLocation: sourceLocation)
        case .refused(let refusal): Issue.record("refused: \(refusal); wanted the events \(wanted)", sourceLocation: sourceLocation)
        }
    }
}

extension Decision {
    /// The events together claim exactly these names.
    @discardableResult
    package func thenReserves(_ wanted: Reservation..., sourceLocation: SourceLocation = #_sourceLocation) -> Decision {
        check("reserved", events.flatMap(D.reservations), wanted, sourceLocation)
    }

    /// The events together give exactly these names back.
    @discardableResult
    package func thenReleases(_ wanted: Reservation..., sourceLocation: SourceLocation = #_sourceLocation) -> Decision {
        check("released", events.flatMap(D.releases), wanted, sourceLocation)
    }

    /// What the events do to the stream's job in the end; nil when they leave it as it was.
    @discardableResult
    package func thenWork(_ wanted: WorkChange?, sourceLocation: SourceLocation = #_sourceLocation) -> Decision {
        check("work", [events.compactMap(D.work).last], [wanted], sourceLocation)
    }

    private func check<Value: Equatable>(_ what: String, _ found: [Value], _ wanted: [Value], _ sourceLocation: SourceLocation) -> Decision {
        if found != wanted { Issue.record("\(what): \(found), wanted \(wanted)", sourceLocation: sourceLocation) }
        return self
    }
}
