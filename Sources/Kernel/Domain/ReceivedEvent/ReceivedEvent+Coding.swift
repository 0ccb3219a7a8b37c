import Vocabulary

// Written out because tuples have no synthesised coding.
extension ReceivedEvent: Codable {
    private struct Header: Codable {
        let name: String
        let value: String
    }

    private enum Key: String, CodingKey {
        case kind, space, trigger, environment, headers, query, body, dataKey, isErased
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        self.init(
            kind: try members.decode(EventKind.self, forKey: .kind), space: try members.decode(SpaceID.self, forKey: .space),
            trigger: try members.decodeIfPresent(TriggerID.self, forKey: .trigger),
            environment: try members.decode(EnvironmentName.self, forKey: .environment),
            headers: try members.decode([Header].self, forKey: .headers).map { (name: $0.name, value: $0.value) },
            query: try members.decodeIfPresent(String.self, forKey: .query), body: try members.decode([UInt8].self, forKey: .body),
            dataKey: try members.decodeIfPresent(DataKeyID.self, forKey: .dataKey),
            isErased: try members.decodeIfPresent(Bool.self, forKey: .isErased) ?? false)
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(kind, forKey: .kind)
        try members.encode(space, forKey: .space)
        try members.encodeIfPresent(trigger, forKey: .trigger)
        try members.encode(environment, forKey: .environment)
        try members.encode(headers.map { Header(name: $0.name, value: $0.value) }, forKey: .headers)
        try members.encodeIfPresent(query, forKey: .query)
        try members.encode(body, forKey: .body)
        try members.encodeIfPresent(dataKey, forKey: .dataKey)
        if isErased { try members.encode(true, forKey: .isErased) }
    }
}
