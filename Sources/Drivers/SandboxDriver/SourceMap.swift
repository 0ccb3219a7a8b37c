import Cryptography

/// Leads from a place in compiled JavaScript to the customer's. Source: Source Map Revision 3 Proposal; ECMA-426.
struct SourceMap: Sendable {
    /// One step of the map: from this column on, up to the next segment's.
    private struct Segment {
        let column: Int
        let sourceLine: Int
        let sourceColumn: Int
    }

    /// By generated line, columns ascending.
    private let lines: [[Segment]]

    /// Decodes the mappings; malformed ones end where they stop making sense, because a stack trace is better than none.
    init(json: [UInt8]) {
        // Not JSON: the same as no map.
        let members = (try? JSONText.members(of: json)) ?? [:]
        lines = Self.decode(JSONText.stringValue(members["mappings"]) ?? "")
    }

    /// Line and column of the customer's source, both counted from 1 as the given ones; nil where no customer's code stands.
    func original(line: Int, column: Int) -> (line: Int, column: Int)? {
        guard lines.indices.contains(line - 1) else { return nil }
        let segments = lines[line - 1]
        guard let segment = segments.last(where: { $0.column <= column - 1 }) ?? segments.first else { return nil }
        return (segment.sourceLine + 1, segment.sourceColumn + 1)
    }

    private static func decode(_ mappings: String) -> [[Segment]] {
        var sourceLine = 0, sourceColumn = 0
        return mappings.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { line in
            var column = 0
            var segments: [Segment] = []
            for text in line.split(separator: UInt8(ascii: ",")) {
                guard let fields = decodeFields(text), fields.count >= 4 else { continue }
                column += fields[0]
                sourceLine += fields[2]
                sourceColumn += fields[3]
                segments.append(Segment(column: column, sourceLine: sourceLine, sourceColumn: sourceColumn))
            }
            return segments
        }
    }

    /// Base64 digits of five bits each, lowest first, the sixth bit saying that more follow and the first of all being the sign.
    private static func decodeFields(_ text: Substring.UTF8View) -> [Int]? {
        var fields: [Int] = []
        var value = 0, shift = 0
        for byte in text {
            guard let digit = Base64.Alphabet.standard.value(of: byte), shift <= 30 else { return nil }
            value |= Int(digit & 31) << shift
            shift += 5
            guard digit & 32 == 0 else { continue }
            fields.append(value & 1 == 0 ? value >> 1 : -(value >> 1))
            value = 0
            shift = 0
        }
        return fields
    }
}
