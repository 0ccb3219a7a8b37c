import Vocabulary

/// How an event, and a value that it set, look in a table.
struct EventText {
    let when: Table.Cell
    let who: Table.Cell
    let event: Table.Cell

    /// `stamp` as the API shows it.
    init(_ stamp: JSONValue?) {
        when = Table.Cell(Self.time(stamp?["recordedAt"]), .dim)
        who = Table.Cell(Self.actor(stamp?["actor"]))
        event = Table.Cell("\(stamp?["type"]?.string ?? "?") v\(stamp?["version"]?.integer.map(String.init) ?? "?")")
    }

    /// To the second, as other commands show times.
    static func time(_ value: JSONValue?) -> String { value?.string.map { "\($0.prefix(19))Z" } ?? "?" }

    /// `system router`, `key 5eb3f7dbcb7b`: of an id its last part, which tells apart what was made at one time.
    static func actor(_ actor: JSONValue?) -> String {
        let kind = actor?["type"]?.string ?? "?"
        return "\(kind == "service_account" ? "key" : kind) \(short(actor?["id"]))"
    }

    static func short(_ id: JSONValue?) -> String {
        let text = id?.string ?? "?"
        return EventID(text) == nil ? text : String(text.suffix(12))
    }
}

/// How values and fields look in a table.
enum FieldText {
    /// A text as it is, nothing as a dash, anything else as JSON.
    static func value(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null?: "-"
        case .string(let text)?: text
        case let value?: value.text
        }
    }

    /// The names that a JSON pointer leads through. Source: RFC 6901 section 3.
    static func path(_ pointer: String) -> [String] {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    static func name(_ pointer: String) -> String { path(pointer).joined(separator: "/") }
}
