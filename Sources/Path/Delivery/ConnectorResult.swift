import Cryptography
import HTTPClientDriver
import Vocabulary

/// What a workflow gets for a response: `{status, statusText, ok, headers, body, bodyEncoding?}`.
///
/// Every status resolves, as `fetch` does; `ok` says whether it is 200 to 299. A JSON body is handed on byte for byte, so
/// that no digit of a number is lost on the way; text is a string; what is neither is base64 with `bodyEncoding: "base64"`.
struct ConnectorResult {
    /// The JSON text of the result.
    let json: [UInt8]

    init(_ response: OutboundResponse, redactor: SecretRedactor) {
        let body = redactor.redact(response.body)
        let (bodyJSON, encoding) = Self.bodyJSON(body, contentType: response.header("content-type") ?? "")
        var members: JSONObject = [
            "status": .int(response.status), "statusText": .string(redactor.redact(response.reason)),
            "ok": .bool((200...299).contains(response.status)), "headers": .object(Self.headers(response, redactor)),
        ]
        if let encoding { members.append("bodyEncoding", .string(encoding)) }
        // The body is spliced in as it came: through a tree it would lose what trees lose, such as lone surrogates.
        json = JSONValue.object(members).encoded.dropLast() + Array(#","body":"#.utf8) + bodyJSON + [UInt8(ascii: "}")]
    }

    private static func bodyJSON(_ body: [UInt8], contentType: String) -> (json: [UInt8], encoding: String?) {
        if body.isEmpty { return (Array("null".utf8), nil) }
        if isJSON(contentType), isValidJSON(body) { return (body, nil) }
        if let text = String(validating: body, as: UTF8.self) { return (JSONValue.string(text).encoded, nil) }
        return (JSONValue.string(Base64.encode(body)).encoded, "base64")
    }

    /// Names in lower case; values of a repeated name joined as RFC 9110, section 5.3 allows, those of `set-cookie` as a list.
    private static func headers(_ response: OutboundResponse, _ redactor: SecretRedactor) -> JSONObject {
        var names: [String] = []
        var values: [String: [String]] = [:]
        for (name, value) in response.headers {
            let name = name.lowercased()
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(redactor.redact(value))
        }
        return JSONObject(
            names.map { name in
                let all = values[name] ?? []
                return (name: name, value: name == "set-cookie" ? .array(all.map(JSONValue.string)) : .string(all.joined(separator: ", ")))
            })
    }

    private static func isJSON(_ contentType: String) -> Bool {
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        return type == "application/json" || type == "text/json" || type.hasSuffix("+json")
    }

    private static func isValidJSON(_ body: [UInt8]) -> Bool {
        do throws(JSONError) {
            _ = try JSONValue(parsing: body)
            return true
        } catch {
            return false
        }
    }
}
