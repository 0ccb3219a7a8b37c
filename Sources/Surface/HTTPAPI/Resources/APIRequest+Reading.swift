import Projections
import Vocabulary

extension APIRequest {
    /// Answers one page of a list that has no filters.
    func page<Row: ReadModelRow>(_ read: (ReadScope, PageRequest) async throws -> Page<Row>) async throws -> APIResponse {
        var query = query
        return .json(try await read(try scope, try query.page()).json)
    }

    /// Answers one page of a list whose filter `parse` reads from the query.
    func page<Row: ReadModelRow, Filter>(
        filteredBy parse: (inout QueryFields) -> Filter, _ read: (ReadScope, Filter, PageRequest) async throws -> Page<Row>
    ) async throws -> APIResponse {
        var query = query
        let filter = parse(&query)
        return .json(try await read(try scope, filter, try query.page()).json)
    }
}

/// What was looked up, or 404.
func found<Value>(_ value: Value?) throws(APIError) -> Value {
    guard let value else { throw .notFound }
    return value
}

extension JSONValue {
    /// The object with one member more, or another value for it; anything else as it is.
    func with(_ name: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var object) = self else { return self }
        object[name] = value
        return .object(object)
    }
}
