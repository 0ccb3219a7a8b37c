import Cryptography

/// Reads what esbuild prints. Source: esbuild 0.17, "--log-level" text output.
enum CompilerOutput {
    private static let sourceMapMark = "//# sourceMappingURL=data:application/json;base64,"

    /// The code and its source map, which the compiler appends as a comment; nil if there is none.
    static func split(_ output: [UInt8]) -> (code: String, sourceMap: [UInt8])? {
        let mark = Array(sourceMapMark.utf8)
        guard let lineStart = output.dropLast().lastIndex(of: UInt8(ascii: "\n")).map({ $0 + 1 }), output[lineStart...].starts(with: mark) else {
            return nil
        }
        let text = String(decoding: output[(lineStart + mark.count)...], as: UTF8.self)
        guard let map = Base64.decode(text.hasSuffix("\n") ? text.dropLast() : text[...]) else { return nil }
        return (String(decoding: output[..<lineStart], as: UTF8.self), map)
    }

    /// The errors, in the compiler's order.
    ///
    /// Each is a line with the message, and after it one with the place and one with the text of that line:
    ///
    ///     ✘ [ERROR] Expected ";" but found "b"
    ///
    ///         workflow.ts:2:10:
    ///           2 │   const a b = 1;
    static func problems(_ text: String, fileName: String) -> [ScriptProblem] {
        let lines = text.split(separator: "\n")
        return lines.indices.compactMap { index in
            guard let mark = lines[index].firstRange(of: "[ERROR] "), lines[index].hasPrefix("✘") else { return nil }
            let message = String(lines[index][mark.upperBound...])
            let rest = lines[(index + 1)...].prefix { !$0.hasPrefix("✘") }
            guard let place = rest.first, let location = location(place, fileName: fileName) else {
                return ScriptProblem(location: nil, message: message, lineText: nil)
            }
            let lineText = rest.dropFirst().first?.split(separator: "│", maxSplits: 1).last.map { String($0.dropFirst()) }
            return ScriptProblem(location: location, message: message, lineText: lineText)
        }
    }

    /// `    workflow.ts:2:10:`, the column counted from 0 in bytes.
    private static func location(_ line: Substring, fileName: String) -> SandboxLocation? {
        let trimmed = line.drop { $0 == " " }
        guard trimmed.hasPrefix(fileName + ":") else { return nil }
        let numbers = trimmed.dropFirst(fileName.count + 1).split(separator: ":").map { Int($0) }
        guard numbers.count == 2, let number = numbers[0], let column = numbers[1] else { return nil }
        return SandboxLocation(file: fileName, line: number, column: column + 1)
    }
}
