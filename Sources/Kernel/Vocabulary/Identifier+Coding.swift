// How ids, instants and JSON stand in a stored state: as the text or number that people know them by.

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is no id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Identifier: CodingKeyRepresentable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    // Without it a dictionary by ids would be a list in the order of its hashes, another one in every process.
    package var codingKey: any CodingKey { Key(stringValue: description) }
    package init?<Other: CodingKey>(codingKey: Other) { self.init(codingKey.stringValue) }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws { self.init(microseconds: try decoder.singleValueContainer().decode(Int64.self)) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(microseconds)
    }
}

extension EnvironmentName: Codable {
    package init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}

extension JSONValue: Codable {
    /// States hold documents that were within the limit when they came, in members that may add a level or two.
    private static let codingDepth = 512

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = try JSONValue(parsing: Array(try container.decode(String.self).utf8), depth: Self.codingDepth)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
