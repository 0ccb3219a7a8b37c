package import Domain
package import SandboxDriver

extension ScriptCompiler {
    /// Compiles a workflow under the name that stack traces show.
    package func compile(_ source: String, language: WorkflowLanguage) async throws(ScriptError) -> SandboxScript {
        try await compile(source: source, fileName: language.fileName, language: language == .typescript ? .typescript : .javascript)
    }
}

extension ScriptError {
    /// What the author can mend; nil when the compiler is at fault and the source may be right.
    package var problemsOfSource: [ScriptProblem]? {
        switch self {
        case .refused(let problems): problems
        case .tooLarge, .timedOut: [ScriptProblem(location: nil, message: description, lineText: nil)]
        case .unavailable: nil
        }
    }
}
