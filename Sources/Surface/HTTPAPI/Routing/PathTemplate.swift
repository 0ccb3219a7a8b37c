/// A route's path with its variable parts, `/api/v1/tenants/{tid}/workflows`.
package struct PathTemplate: Hashable, Sendable {
    enum Segment: Hashable, Sendable {
        case literal(String)
        case variable(String)
    }

    package let text: String
    let segments: [Segment]

    init(_ text: String) {
        self.text = text
        segments = text.split(separator: "/").map { part in
            part.hasPrefix("{") && part.hasSuffix("}") ? .variable(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// The names of the variable parts, from left to right.
    package var variables: [String] { segments.compactMap { if case .variable(let name) = $0 { name } else { nil } } }

    /// How many parts are fixed: of two templates that match, the one with more is meant.
    var literals: Int { segments.count - variables.count }

    /// The variable parts as they stand in a path; nil when the template does not match it.
    func match(_ parts: [Substring]) -> [String: String]? {
        guard parts.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            switch segment {
            case .literal(let text): guard text == part else { return nil }
            case .variable(let name):
                guard let value = PercentCoding.decode(part) else { return nil }
                values[name] = value
            }
        }
        return values
    }
}
