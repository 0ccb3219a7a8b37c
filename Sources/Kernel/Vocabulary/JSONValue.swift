/// A JSON document as a tree, for configuration, filters and our own events; customers' payloads pass through as bytes instead.
///
/// Numbers keep their text, so no digit is lost. Object members keep their order; of duplicate names the last one counts, as in JavaScript.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    package static func int(_ value: some BinaryInteger) -> JSONValue { .number(JSONNumber(text: String(value))) }
    package static func double(_ value: Double) -> JSONValue { value.isFinite ? .number(JSONNumber(text: "\(value)")) : .null }
    package static func id<Subject>(_ id: Identifier<Subject>) -> JSONValue { .string(id.description) }
    package static func time(_ time: Timestamp) -> JSONValue { .string(time.description) }
    /// The string, or null where there is none.
    package static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    /// The member of that name; nil when this is not an object or has no such member.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    package var isNull: Bool { self == .null }
    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    package var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    package var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
    /// The integer, when this is a number without fraction or exponent that fits.
    package var integer: Int? { if case .number(let number) = self { Int(number.text) } else { nil } }
    package var double: Double? { if case .number(let number) = self { Double(number.text) } else { nil } }

    /// The name of the JSON type, for error messages.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

/// The members of a JSON object in the order they were written.
package struct JSONObject: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package private(set) var members: [(name: String, value: JSONValue)] = []

    package init() {}
    package init(dictionaryLiteral elements: (String, JSONValue)...) { members = elements.map { (name: $0.0, value: $0.1) } }
    package init(_ members: [(name: String, value: JSONValue)]) { self.members = members }

    /// Cost: linear in the number of members, which is small wherever a tree is used.
    package subscript(name: String) -> JSONValue? {
        get { members.last { $0.name == name }?.value }
        set {
            members.removeAll { $0.name == name }
            if let newValue { members.append((name: name, value: newValue)) }
        }
    }

    package mutating func append(_ name: String, _ value: JSONValue) { members.append((name: name, value: value)) }

    /// The same members in the same order, with the values of `others` for those that it names.
    package func replacing(with others: JSONObject) -> JSONObject {
        others.members.isEmpty ? self : JSONObject(members.map { (name: $0.name, value: others[$0.name] ?? $0.value) })
    }

    package static func == (left: JSONObject, right: JSONObject) -> Bool { left.membersByName == right.membersByName }
    package func hash(into hasher: inout Hasher) { hasher.combine(membersByName) }

    /// What counts: of duplicate names the last one.
    package var membersByName: [String: JSONValue] { Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }) }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral
{
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements.map { (name: $0.0, value: $0.1) })) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
}

extension JSONValue {
    /// The document in `bytes`; one that is no JSON, or nested beyond what a tree is read from, is shown as the text that it is.
    package init(document bytes: [UInt8]) {
        do { self = try JSONValue(parsing: bytes) } catch { self = .string(String(decoding: bytes, as: UTF8.self)) }
    }
}
