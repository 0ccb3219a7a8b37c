/// Finds a value within a JSON document. Source: RFC 6901.
package enum JSONPointer {
    /// The value that `pointer` leads to; nil when there is none, or it is no pointer.
    package static func value(at pointer: String, in document: JSONValue) -> JSONValue? {
        guard let steps = steps(of: pointer) else { return nil }
        return steps.reduce(document as JSONValue?) { value, step in
            switch value {
            case .array(let elements)?:
                // Digits alone, without zeros in front.
                guard let index = Int(step), "\(index)" == step, elements.indices.contains(index) else { return nil }
                return elements[index]
            case let value?: return value[step]
            case nil: return nil
            }
        }
    }

    /// What is wrong with a pointer, which must lead to a part of the document; nil when nothing is.
    package static func problem(of text: String, at place: String) -> Problem? {
        guard text.utf8.count <= Limits.nameLength else { return Problem(place, "must be at most \(Limits.nameLength) bytes") }
        guard let steps = steps(of: text), !steps.isEmpty else { return Problem(place, "must be a JSON pointer, such as \"/customer/email\"") }
        return nil
    }

    private static func steps(of pointer: String) -> [String]? {
        if pointer.isEmpty { return [] }
        guard pointer.first == "/" else { return nil }
        var steps: [String] = []
        for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let step = unescaped(part) else { return nil }
            steps.append(step)
        }
        return steps
    }

    /// `~1` is a slash and `~0` a tilde; nil for a tilde before anything else.
    private static func unescaped(_ part: Substring) -> String? {
        var text = ""
        var rest = part.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "~" else {
                text.unicodeScalars.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "0": text += "~"
            case "1": text += "/"
            default: return nil
            }
        }
        return text
    }
}
