import Testing
import Yams

/// The OpenAPI document of the repository as a tree.
struct OpenAPIDocument {
    private let paths: [String: [String: Any]]
    let components: [String: [String: Any]]

    init() throws {
        let root = try #require(try Yams.load(yaml: try ReadModelSchema.text(of: "schemas/http/openapi.yaml")) as? [String: Any])
        paths = try #require(root["paths"] as? [String: [String: Any]])
        components = try #require(root["components"] as? [String: [String: Any]])
    }

    /// Operations as `METHOD path`, each with the parameters of its path.
    func operations() throws -> [String: [String: Any]] {
        var found: [String: [String: Any]] = [:]
        for (path, item) in paths {
            for (method, operation) in item where method != "parameters" {
                var operation = try #require(operation as? [String: Any])
                operation["parameters"] = (item["parameters"] as? [Any] ?? []) + (operation["parameters"] as? [Any] ?? [])
                found["\(method.uppercased()) \(path)"] = operation
            }
        }
        return found
    }

    /// Names of an operation's parameters in a place, `path` or `query`.
    func parameters(of operation: [String: Any], in place: String) -> Set<String> {
        let all = (operation["parameters"] as? [[String: Any]] ?? []).map { parameter in
            let name = (parameter["$ref"] as? String)?.split(separator: "/").last.map(String.init)
            return name.flatMap { components["parameters"]?[$0] as? [String: Any] } ?? parameter
        }
        return Set(all.filter { $0["in"] as? String == place }.compactMap { $0["name"] as? String })
    }

    /// The name of the schema of a body or an answer; nil when it is no JSON, or any.
    func schema(of content: Any?) -> String? {
        let json = ((content as? [String: Any])?["content"] as? [String: [String: Any]])?["application/json"]
        return ((json?["schema"] as? [String: Any])?["$ref"] as? String)?.split(separator: "/").last.map(String.init)
    }
}
