package import Vocabulary

/// Who, why and for which request, stored beside every event.
package struct EventMeta: Hashable, Sendable {
    package let principal: Principal
    package let correlation: CorrelationID
    package let causation: UInt128?
    package let command: CommandID
    package let lane: Lane
    package let environment: EnvironmentName

    package init(_ envelope: CommandEnvelope) {
        principal = envelope.principal
        correlation = envelope.correlation
        causation = envelope.causation
        command = envelope.commandID
        lane = envelope.lane
        environment = envelope.environment
    }

    /// The JSON that is stored; written without a tree, since every event has it.
    package var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("actor")
        writer.beginObject()
        writer.name("type")
        writer.write(principal.kind.rawValue)
        writer.name("id")
        writer.write(principal.id)
        writer.endObject()
        writer.name("correlation")
        writer.write(correlation)
        writer.name("command")
        writer.write(command)
        writer.name("lane")
        writer.write(.int(lane.rawValue))
        writer.name("environment")
        writer.write(environment.name)
        if let onBehalfOf = principal.onBehalfOf {
            writer.name("onBehalfOf")
            writer.write(onBehalfOf)
        }
        if let causation {
            writer.name("causation")
            writer.write(EventID(bits: causation))
        }
        writer.endObject()
        return writer.bytes
    }

    /// Reads what ``encoded`` writes, and any other JSON of the same members. Nil for what lacks one that every release has written; throws for
    /// what is no JSON.
    package init?(stored bytes: [UInt8]) throws(JSONError) {
        if let meta = bytes.withUnsafeBufferPointer({ EventMetaReader.read($0) }) {
            self = meta
        } else {
            self.init(json: try JSONValue(parsing: bytes))
        }
    }

    init(
        principal: Principal, correlation: CorrelationID, causation: UInt128?, command: CommandID, lane: Lane, environment: EnvironmentName
    ) {
        self.principal = principal
        self.correlation = correlation
        self.causation = causation
        self.command = command
        self.lane = lane
        self.environment = environment
    }

    private init?(json: JSONValue) {
        guard let actor = json["actor"], let kind = actor["type"]?.string.flatMap(Principal.Kind.init(rawValue:)), let id = actor["id"]?.string,
            let correlation = json["correlation"]?.string.flatMap({ CorrelationID($0) }),
            let command = json["command"]?.string.flatMap({ CommandID($0) }),
            let lane = json["lane"]?.integer.flatMap({ Lane(rawValue: Int16(truncatingIfNeeded: $0)) }), let environment = json["environment"]?.string
        else { return nil }
        principal = Principal(kind: kind, id: id, onBehalfOf: json["onBehalfOf"]?.string)
        self.correlation = correlation
        self.command = command
        self.lane = lane
        self.environment = EnvironmentName(environment)
        causation = json["causation"]?.string.flatMap { EventID($0)?.bits }
    }
}

/// An event on its way into the log.
package struct NewEvent: Sendable {
    /// Made once, when the event was decided, and kept for every re-send: it makes the append idempotent.
    package let id: EventID
    package let form: StoredForm
    package let meta: EventMeta

    package init(id: EventID, form: StoredForm, meta: EventMeta) {
        self.id = id
        self.form = form
        self.meta = meta
    }
}

/// An event in the log.
package struct RecordedEvent: Sendable {
    package let address: StreamAddress
    package let position: LogPosition
    package let version: StreamVersion
    package let id: EventID
    package let form: StoredForm
    package let meta: EventMeta
    /// Strictly increasing within a slice, by the database's clock.
    package let recordedAt: Timestamp

    package init(
        address: StreamAddress, position: LogPosition, version: StreamVersion, id: EventID, form: StoredForm, meta: EventMeta, recordedAt: Timestamp
    ) {
        self.address = address
        self.position = position
        self.version = version
        self.id = id
        self.form = form
        self.meta = meta
        self.recordedAt = recordedAt
    }
}
