import Domain

/// A file with a workflow in it.
struct WorkflowSource: Sendable {
    /// As the person wrote it, so that messages lead back to the file.
    let path: String
    let code: String
    let language: WorkflowLanguage

    /// Reads the file; what it is written in follows from its name.
    init(reading path: String) async throws(CommandFailure) {
        guard let language = Self.language(of: path) else {
            throw .wrongUse("\(path): a workflow's file must end in .ts, .mts, .js or .mjs, which says what it is written in")
        }
        guard let code = String(validating: try await InputBytes.file(path), as: UTF8.self) else { throw .wrongUse("\(path) is not UTF-8 text") }
        self.init(path: path, code: code, language: language)
    }

    init(path: String, code: String, language: WorkflowLanguage) {
        self.path = path
        self.code = code
        self.language = language
    }

    /// The file's name without folder and ending.
    var name: String {
        let file = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
        return String(file[..<(file.lastIndex(of: ".") ?? file.endIndex)])
    }

    private static func language(of path: String) -> WorkflowLanguage? {
        switch path.lowercased().split(separator: ".", omittingEmptySubsequences: false).last {
        case "ts", "mts": .typescript
        case "js", "mjs": .javascript
        default: nil
        }
    }

    /// A text in which the name that the compiler gives all workflows is the path of this file.
    func naming(_ text: String) -> String {
        var (result, rest) = ("", text[...])
        while let found = rest.firstRange(of: "\(language.fileName):") {
            result += rest[..<found.lowerBound] + "\(path):"
            rest = rest[found.upperBound...]
        }
        return result + rest
    }

    /// `file:line:column: message`, as editors read it; line and column only where they are known.
    func place(line: Int?, column: Int?, _ message: String) -> String {
        let place = [path, line.map(String.init), line == nil ? nil : column.map(String.init)].compactMap { $0 }.joined(separator: ":")
        return "\(place): \(message)"
    }
}
