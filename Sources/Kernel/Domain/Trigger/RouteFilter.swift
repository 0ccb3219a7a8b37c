package import Vocabulary

/// Decides whether an event takes a route: the filter's shape must be found in the event.
///
/// An object matches an object that has at least its members, a list matches a list that contains each of its elements, anything else
/// matches its equal. The top level names what is looked at: `body`, `headers` (names in lower case), `query`.
package enum RouteFilter {
    package static let roots = ["body", "headers", "query"]

    package static func matches(_ filter: JSONValue?, _ facts: JSONObject) -> Bool {
        guard let filter else { return true }
        return contains(filter, .object(facts))
    }

    /// The filter with header names in lower case, since HTTP does not tell them apart.
    package static func normalized(_ filter: JSONValue) -> JSONValue {
        guard case .object(var object) = filter, let headers = object["headers"]?.object else { return filter }
        object["headers"] = .object(JSONObject(headers.members.map { (name: $0.name.lowercased(), value: $0.value) }))
        return .object(object)
    }

    /// Rules that a filter breaks; its values may be anything.
    static func problems(of filter: JSONValue, at pointer: String) -> [Problem] {
        guard let object = filter.object else {
            return [Problem(pointer, "must be an object, such as {\"body\": {\"action\": \"opened\"}}")]
        }
        if terms(of: filter) > Limits.filterTerms {
            return [Problem(pointer, "must have at most \(Limits.filterTerms) members and elements")]
        }
        return object.members.compactMap { member in
            let isKnown = roots.contains(member.name) || member.name.hasPrefix("$")
            let pointer = Problem.pointer(pointer, to: member.name)
            return isKnown ? nil : Problem(pointer, "is not known; a filter looks at \(roots.joined(separator: ", "))")
        } + operators(in: filter, at: pointer)
    }

    private static func terms(of value: JSONValue) -> Int {
        switch value {
        case .object(let object): object.members.reduce(object.members.count) { $0 + terms(of: $1.value) }
        case .array(let elements): elements.reduce(elements.count) { $0 + terms(of: $1) }
        case .null, .bool, .number, .string: 0
        }
    }

    /// A name that begins with `$` will be an operator; until then it is refused instead of being compared.
    private static func operators(in value: JSONValue, at pointer: String) -> [Problem] {
        switch value {
        case .object(let object):
            object.members.flatMap { member in
                let pointer = Problem.pointer(pointer, to: member.name)
                return member.name.hasPrefix("$")
                    ? [Problem(pointer, "operators are not supported; a filter matches by shape")] : operators(in: member.value, at: pointer)
            }
        case .array(let elements): elements.enumerated().flatMap { operators(in: $1, at: "\(pointer)/\($0)") }
        case .null, .bool, .number, .string: []
        }
    }

    private static func contains(_ pattern: JSONValue, _ value: JSONValue) -> Bool {
        switch (pattern, value) {
        case (.object(let wanted), .object(let found)):
            wanted.membersByName.allSatisfy { name, pattern in found[name].map { contains(pattern, $0) } ?? false }
        case (.array(let wanted), .array(let found)): wanted.allSatisfy { pattern in found.contains { contains(pattern, $0) } }
        // A scalar in the filter finds itself in a list, so that one label of several can be asked for.
        case (.string, .array(let found)), (.number, .array(let found)), (.bool, .array(let found)): found.contains(pattern)
        default: pattern == value
        }
    }
}
