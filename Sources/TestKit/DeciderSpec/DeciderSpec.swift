package import Testing
package import Vocabulary

/// A claim about a decider in three steps: given what happened, when a command comes, then these events or that refusal.
///
/// What does not hold is recorded as an issue of the test under way, at the line of the step. Every event that appears in a spec is
/// also written to its stored form and read back, so that no event can be used in a test without surviving the log.
package struct DeciderSpec<D: Decider>: Sendable where D.Event: Equatable {
    /// What happened before, oldest first.
    package let history: [D.Event]

    package init() { history = [] }

    private init(history: [D.Event]) { self.history = history }

    /// The entity's past; further calls add to it.
    package func given(_ events: D.Event..., sourceLocation: SourceLocation = #_sourceLocation) -> DeciderSpec {
        given(events, sourceLocation: sourceLocation)
    }

    /// The entity's past; further calls add to it.
    package func given(_ events: [D.Event], sourceLocation: SourceLocation = #_sourceLocation) -> DeciderSpec {
        for event in events { checkRoundTrip(of: event, sourceLocation) }
        return DeciderSpec(history: history + events)
    }

    /// The state that the past leads to.
    package var state: D.State { history.reduce(D.initialState, D.evolve) }

    /// Gives the command to the entity; `now` is the clock that the decision sees.
    package func when(_ command: D.Command, at now: Timestamp = .epoch, sourceLocation: SourceLocation = #_sourceLocation) -> Decision<D> {
        do throws(D.Refusal) {
            let events = try D.decide(command, state, now: now)
            for event in events { checkRoundTrip(of: event, sourceLocation) }
            return Decision(history: history, answer: .accepted(events))
        } catch {
            return Decision(history: history, answer: .refused(error))
        }
    }
}
