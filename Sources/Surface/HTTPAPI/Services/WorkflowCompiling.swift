package import Domain

/// Makes runnable code of what an author wrote.
package protocol WorkflowCompiling: Sendable {
    /// Throws `CompilationFailure` when the code is at fault, anything else when the compiler is.
    func compile(_ source: String, language: WorkflowLanguage) async throws -> WorkflowArtefact
}

/// Why code is refused.
package struct CompilationFailure: Error, Sendable, CustomStringConvertible {
    /// What is wrong and where; line and column from 1.
    package struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
        package let file: String
        package let line: Int?
        package let column: Int?
        package let message: String

        package init(file: String, line: Int?, column: Int?, message: String) {
            self.file = file
            self.line = line
            self.column = column
            self.message = message
        }

        package var description: String {
            let place = [file, line.map(String.init), line == nil ? nil : column.map(String.init)].compactMap { $0 }.joined(separator: ":")
            return "\(place): \(message)"
        }
    }

    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

    package var description: String { diagnostics.map(\.description).joined(separator: "; ") }
}
