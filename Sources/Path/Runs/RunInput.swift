package import Domain
import Vocabulary

/// What a workflow gets to see of the event that started it.
package struct RunInput: Sendable {
    /// JSON text for `ctx.input`.
    package let input: [UInt8]
    /// JSON text for `ctx.headers`.
    package let headers: [UInt8]
    package let rawBody: [UInt8]

    package init(input: [UInt8], headers: [UInt8], rawBody: [UInt8]) {
        self.input = input
        self.headers = headers
        self.rawBody = rawBody
    }

    /// A webhook's body is the input when it is JSON, else its text; a call by name has it in the member `input`, or is it.
    package init(of event: ReceivedEvent) {
        let parsed = try? JSONValue(parsing: event.body)  // A body that is not JSON is lawful and handed over as text.
        let input: [UInt8]
        switch (event.kind, parsed) {
        case (.manual, let parsed?): input = (parsed["input"] ?? parsed).encoded
        case (.manual, nil): input = Array("{}".utf8)
        // The bytes as they came: what a tree would lose, lone surrogates among it, reaches the code.
        case (.webhook, .some), (.scheduled, .some): input = event.body
        case (.webhook, nil), (.scheduled, nil): input = JSONValue.string(String(decoding: event.body, as: UTF8.self)).encoded
        }
        self.init(input: input, headers: event.headersJSON.encoded, rawBody: event.body)
    }
}
