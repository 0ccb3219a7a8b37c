/// An event without its content: what it was, where it stands in the log, who caused it, why and for which request.
///
/// A class, since thousands of fields may name the same event.
package final class EventStamp: Sendable {
    package let id: EventID
    /// `workflow.published`
    package let type: String
    package let version: StreamVersion
    package let position: LogPosition
    /// By the database's clock.
    package let recordedAt: Timestamp
    package let principal: Principal
    package let correlation: CorrelationID
    /// The event or command that led to the command; nil for the first of a request.
    package let causation: EventID?
    package let command: CommandID

    package init(
        id: EventID, type: String, version: StreamVersion, position: LogPosition, recordedAt: Timestamp, principal: Principal,
        correlation: CorrelationID, causation: EventID?, command: CommandID
    ) {
        self.id = id
        self.type = type
        self.version = version
        self.position = position
        self.recordedAt = recordedAt
        self.principal = principal
        self.correlation = correlation
        self.causation = causation
        self.command = command
    }
}

extension EventStamp {
    /// As the API shows it; `position` counts within `slice`.
    package var json: JSONValue {
        var actor: JSONObject = ["type": .string(principal.kind.rawValue), "id": .string(principal.id)]
        if let onBehalfOf = principal.onBehalfOf { actor.append("onBehalfOf", .string(onBehalfOf)) }
        return [
            "id": .id(id), "type": .string(type), "version": .int(version.number), "slice": .int(position.slice.number),
            "position": .int(position.position), "recordedAt": .time(recordedAt), "actor": .object(actor), "correlationId": .id(correlation),
            "causationId": causation.map(JSONValue.id) ?? .null, "commandId": .id(command),
        ]
    }
}
