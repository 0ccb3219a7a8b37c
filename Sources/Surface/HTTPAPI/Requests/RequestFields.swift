import Vocabulary

/// Reads the members of a JSON object and collects everything that is wrong with them, so that a caller is told all of it at once.
///
/// A member that is null counts as missing. A member that nobody asked for is a problem too: it is most often a misspelled one.
struct RequestFields {
    private let object: JSONObject
    private let pointer: String
    private var known: Set<String> = []
    private(set) var problems: [Problem] = []

    /// `pointer` is where the object stands in the body; empty for the body itself.
    init(_ object: JSONObject, at pointer: String = "") {
        self.object = object
        self.pointer = pointer
    }

    /// The member as it came.
    mutating func value(_ name: String) -> JSONValue? {
        known.insert(name)
        return object[name].flatMap { $0.isNull ? nil : $0 }
    }

    /// Members of the resource that only we set: a caller may send back what it was given.
    mutating func ignore(_ names: String...) { known.formUnion(names) }

    mutating func string(_ name: String) -> String? { read(name, "a string") { $0.string } }
    mutating func integer(_ name: String) -> Int? { read(name, "an integer") { $0.integer } }
    mutating func bool(_ name: String) -> Bool? { read(name, "true or false") { $0.bool } }

    mutating func strings(_ name: String) -> [String]? {
        read(name, "a list of strings") { value in
            guard let elements = value.array else { return nil }
            let texts = elements.compactMap(\.string)
            return texts.count == elements.count ? texts : nil
        }
    }

    /// A string that must be there; empty, and a problem, when it is not.
    mutating func requiredString(_ name: String) -> String {
        if value(name) == nil { report(name, "is required") }
        return string(name) ?? ""
    }

    /// One of a few words, in any case of letters.
    mutating func choice<C: RawRepresentable & CaseIterable>(_ name: String, of _: C.Type = C.self) -> C? where C.RawValue == String {
        guard let text = string(name) else { return nil }
        if let choice = C(rawValue: text.lowercased()) { return choice }
        report(name, "must be one of \(C.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// An object within the object.
    mutating func nested<Value>(_ name: String, _ read: (inout RequestFields) -> Value) -> Value? {
        guard let object = self.read(name, "an object", { $0.object }) else { return nil }
        return within(RequestFields(object, at: path(name)), read)
    }

    /// A list of objects; `read` is given the index of each.
    mutating func each<Value>(_ name: String, _ read: (inout RequestFields, Int) -> Value) -> [Value]? {
        guard let elements = self.read(name, "a list", { $0.array }) else { return nil }
        return elements.enumerated().compactMap { index, element in
            guard let object = element.object else {
                report("\(name)/\(index)", "must be an object")
                return nil
            }
            return within(RequestFields(object, at: "\(path(name))/\(index)")) { read(&$0, index) }
        }
    }

    /// Notes a problem with a member, or with what stands in it.
    mutating func report(_ name: String, _ message: String) { problems.append(Problem(path(name), message)) }

    mutating func report(_ found: [Problem]) { problems += found }

    /// Throws everything that was found, unknown members included.
    mutating func finish() throws(APIError) {
        reportUnknown()
        guard problems.isEmpty else { throw .invalid(problems) }
    }

    private mutating func reportUnknown() {
        for member in object.members where !known.contains(member.name) {
            report(member.name.replacing("~", with: "~0").replacing("/", with: "~1"), "is not a known member")
            known.insert(member.name)
        }
    }

    private mutating func within<Value>(_ fields: RequestFields, _ read: (inout RequestFields) -> Value) -> Value {
        var fields = fields
        let value = read(&fields)
        fields.reportUnknown()
        problems += fields.problems
        return value
    }

    private mutating func read<Value>(_ name: String, _ kind: String, _ convert: (JSONValue) -> Value?) -> Value? {
        guard let value = value(name) else { return nil }
        if let converted = convert(value) { return converted }
        report(name, "must be \(kind), not \(value.typeName)")
        return nil
    }

    private func path(_ name: String) -> String { "\(pointer)/\(name)" }
}
