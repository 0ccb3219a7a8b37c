import Vocabulary

/// JSON that a person wrote on the command line or into a file.
enum JSONInput {
    /// Reads a document; a mistake is told with line and column.
    static func parse(_ bytes: [UInt8], name: String) throws(CommandFailure) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw .wrongUse("\(name) is not valid JSON: \(error.reason.rawValue) at \(position(of: error.offset, in: bytes))")
        }
    }

    /// Names and texts of an object; numbers and booleans are taken as their text.
    static func fields(_ bytes: [UInt8], name: String) throws(CommandFailure) -> [(name: String, value: String)] {
        let document = try parse(bytes, name: name)
        guard let members = document.object?.members else { throw .wrongUse("\(name) must be a JSON object, not \(document.typeName)") }
        var fields: [(name: String, value: String)] = []
        for member in members {
            switch member.value {
            case .string(let text): fields.append((name: member.name, value: text))
            case .number, .bool: fields.append((name: member.name, value: member.value.text))
            case .null, .array, .object: throw .wrongUse("\(name): \(member.name) must be a text, not \(member.value.typeName)")
            }
        }
        return fields
    }

    /// Line and column from 1, columns counted in bytes as compilers do.
    static func position(of offset: Int, in bytes: [UInt8]) -> String {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = offset - (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1)
        return "line \(line), column \(column)"
    }
}
