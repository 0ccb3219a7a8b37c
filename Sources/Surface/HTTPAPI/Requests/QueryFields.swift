import Projections
import Vocabulary

/// Reads the parameters of a URL's query; a problem's pointer is `/` and the parameter's name.
struct QueryFields: Sendable {
    private var values: [String: String] = [:]
    private var problems: [Problem] = []

    /// Takes the query as it came. A parameter that the route does not have, or that comes twice, is a problem.
    init(_ query: String?, allowing names: [String]) {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(parts[0], plusIsSpace: true),
                let value = PercentCoding.decode(parts.count > 1 ? parts[1] : "", plusIsSpace: true)
            else {
                problems.append(Problem("", "the query is not valid percent-encoded UTF-8"))
                continue
            }
            if !names.contains(name) {
                let known = names.isEmpty ? "there are none here" : "known are \(names.joined(separator: ", "))"
                problems.append(Problem("/\(name)", "is not a known parameter; \(known)"))
            }
            if values.updateValue(value, forKey: name) != nil { problems.append(Problem("/\(name)", "is given more than once")) }
        }
    }

    /// The parameter; nil when it is missing or empty.
    func text(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    mutating func choice<C: RawRepresentable & CaseIterable>(_ name: String, of _: C.Type = C.self) -> C? where C.RawValue == String {
        convert(name, "one of \(C.allCases.map(\.rawValue).joined(separator: ", "))") { C(rawValue: $0.lowercased()) }
    }

    mutating func actorKind(_ name: String) -> Principal.Kind? {
        convert(name, "one of user, service_account, agent, system") { Principal.Kind(rawValue: $0.lowercased()) }
    }

    mutating func id<S>(_ name: String, of _: S.Type = S.self) -> Identifier<S>? { convert(name, "an id") { Identifier<S>($0) } }

    mutating func time(_ name: String) -> Timestamp? {
        convert(name, "a time such as 2026-03-01T09:30:00Z") { Timestamp($0) }
    }

    /// `1` or `true`, `0` or `false`; false when it is missing.
    mutating func flag(_ name: String) -> Bool {
        convert(name, "1 or 0") { ["1": true, "true": true, "0": false, "false": false][$0] } ?? false
    }

    mutating func day(_ name: String) -> CalendarDay? {
        convert(name, "a day such as 2026-03-01") { Timestamp("\($0)T00:00:00Z")?.day }
    }

    /// How many rows a page may have.
    mutating func limit() -> Int? {
        convert("limit", "between 1 and \(Limits.pageRows)") { text in Int(text).flatMap { (1...Limits.pageRows).contains($0) ? $0 : nil } }
    }

    /// Which page of a list: `limit` and `cursor`. Throws everything that was found, of the other parameters too.
    mutating func page() throws(APIError) -> PageRequest {
        let limit = limit()
        var page: PageRequest?
        do { page = try PageRequest(limit: limit, cursor: text("cursor")) } catch { report("cursor", "\(error)") }
        try finish()
        guard let page else { throw .invalid(problems) }
        return page
    }

    /// Throws everything that was found.
    func finish() throws(APIError) {
        guard problems.isEmpty else { throw .invalid(problems) }
    }

    /// Notes a problem with a parameter.
    mutating func report(_ name: String, _ message: String) { problems.append(Problem("/\(name)", message)) }

    mutating func convert<Value>(_ name: String, _ kind: String, _ convert: (String) -> Value?) -> Value? {
        guard let text = text(name) else { return nil }
        let value = convert(text)
        if value == nil { report(name, "must be \(kind)") }
        return value
    }
}

/// Percent-encoding of URLs. Source: RFC 3986 section 2.1.
enum PercentCoding {
    /// Answers nil for a broken escape and for bytes that are not UTF-8. `plusIsSpace` holds in queries only.
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next(), let low = rest.next(), let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16) else {
                    return nil
                }
                bytes.append(value)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
