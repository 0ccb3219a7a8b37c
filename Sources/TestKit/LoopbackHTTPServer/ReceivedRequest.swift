/// A request as the test server read it.
package struct ReceivedRequest: Sendable, Hashable {
    /// A header as it was sent.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: String
    }

    package let method: String
    /// Path and query as sent.
    package let target: String
    package let fields: [Field]
    package let body: [UInt8]

    /// Values of all fields of that name, compared without case.
    package func values(_ name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The one value of that name, or nil if there is none or several.
    package func value(_ name: String) -> String? {
        let values = values(name)
        return values.count == 1 ? values[0] : nil
    }
}

/// What the test server does with a request.
package enum LoopbackReply: Sendable {
    /// Answers and keeps the connection.
    case response(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [])
    /// Sends these bytes, whatever they are, and closes the connection.
    case bytes([UInt8])
    /// Sends these bytes over and over until the client hangs up.
    case endless(head: [UInt8], chunk: [UInt8])
    /// Sends these bytes and then nothing; the connection lasts until the client closes it.
    case stalled(after: [UInt8])

    /// Never answers.
    package static let silence = LoopbackReply.stalled(after: [])

    /// A response with a text.
    package static func text(_ text: String, status: Int = 200, type: String = "text/plain") -> LoopbackReply {
        .response(status: status, headers: [(name: "Content-Type", value: type)], body: Array(text.utf8))
    }
}
