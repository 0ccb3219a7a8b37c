/// Why a workflow's source cannot become a script.
package enum ScriptError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The source is wrong at these places; at least one.
    case refused([ScriptProblem])
    /// The source has more than ``ScriptCompiler/maximumSourceBytes``.
    case tooLarge(bytes: Int)
    /// The compiler took too long; a source that does so is not an honest one.
    case timedOut
    /// The compiler or the sandbox could not do its work; the source may be right.
    case unavailable(String)

    package var description: String {
        switch self {
        case .refused(let problems): problems.map(\.description).joined(separator: "\n")
        case .tooLarge(let bytes): "the source has \(bytes) bytes, \(ScriptCompiler.maximumSourceBytes) are allowed; split the workflow"
        case .timedOut: "the source takes too long to compile; simplify it"
        case .unavailable(let reason): "the source could not be compiled: \(reason)"
        }
    }
}

/// One thing that is wrong in a source.
package struct ScriptProblem: Sendable, Hashable, CustomStringConvertible {
    /// Where; nil if it is about the file as a whole.
    package let location: SandboxLocation?
    package let message: String
    /// The line of the source, if the compiler shows it.
    package let lineText: String?

    package init(location: SandboxLocation?, message: String, lineText: String?) {
        self.location = location
        self.message = message
        self.lineText = lineText
    }

    package var description: String { location.map { "\($0): \(message)" } ?? message }
}

/// What a workflow is written in.
package enum ScriptLanguage: String, Sendable, CaseIterable {
    case javascript, typescript
}
