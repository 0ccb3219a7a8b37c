import Projections
import Vocabulary

/// A request that found its route and whose caller may ask it.
package struct APIRequest: Sendable {
    package let head: RequestHead
    let route: Route
    /// The path's variable parts by their names in the template, decoded.
    let parameters: [String: String]
    let query: QueryFields
    /// Who asks; nil on routes that are open.
    let caller: Caller?
    /// As it came.
    package let body: [UInt8]

    /// The caller of a route that is not open.
    var signedIn: Caller {
        get throws(APIError) {
            guard let caller else { throw .unauthorized }
            return caller
        }
    }

    /// Whose rows the caller may see.
    var scope: ReadScope {
        get throws(APIError) { try signedIn.scope }
    }

    /// A variable part of the path; templates and handlers are held together by a test.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// An id in the path; what is not an id names nothing.
    func id<S>(_ name: String, _: S.Type = S.self) throws(APIError) -> Identifier<S> {
        guard let id = Identifier<S>(parameter(name)) else { throw .notFound }
        return id
    }

    /// The body as a JSON object.
    ///
    /// Its declared type is not looked at: curl and others label JSON as a form unless told otherwise, and what is not JSON is refused anyhow.
    func fields() throws(APIError) -> RequestFields {
        guard !jsonNestingExceeds(Limits.jsonDepth, in: body) else {
            throw .invalid("", "must not be nested more than \(Limits.jsonDepth) levels deep")
        }
        let document: JSONValue
        do { document = try JSONValue(parsing: body) } catch { throw .invalid("", "is not valid JSON: \(error)") }
        guard let object = document.object else { throw .invalid("", "must be a JSON object, not \(document.typeName)") }
        return RequestFields(object)
    }
}
