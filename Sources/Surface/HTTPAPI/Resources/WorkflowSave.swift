import Domain
import EventSourcing
import Vocabulary

/// Saving of code: what does not compile is refused, together with everything else that is wrong with the request.
struct WorkflowSave {
    let address: StreamAddress
    let write: Write
    let services: APIServices

    /// Checks that the draft compiles, and answers what it is written in: where nobody says it, what is no JavaScript is tried as TypeScript.
    ///
    /// Throws `APIError` 400 with each place in the code, and with the rules that the command itself breaks; the refusal is in the audit trail.
    func compile(
        _ input: WorkflowInput, judging command: (WorkflowDraft) -> WorkflowCommand, on state: WorkflowState
    ) async throws -> WorkflowLanguage {
        let code = input.draft.code
        // Beyond the limit the compiler is not asked; the entity says what is wrong.
        let isTooLong = code.utf8.count > Limits.workflowSourceBytes
        do {
            if isTooLong { throw CompilationFailure([]) }
            let first = input.isLanguageKnown ? input.draft.language : .javascript
            do {
                _ = try await services.compiler.compile(code, language: first)
                return first
            } catch is CompilationFailure where !input.isLanguageKnown {
                _ = try await services.compiler.compile(code, language: .typescript)
                return .typescript
            }
        } catch let failure as CompilationFailure {
            throw try await refusal(failure, of: command(input.draft), on: state)
        }
    }

    private func refusal(_ failure: CompilationFailure, of command: WorkflowCommand, on state: WorkflowState) async throws -> APIError {
        var problems: [Problem] = []
        do { _ = try WorkflowDecider.decide(command, state, now: services.ids.now()) } catch { problems = error.problems }
        let error = APIError.invalid(problems, failure.diagnostics)
        try await services.trail.record(
            .rejected, action: WorkflowDecider.action(of: command), resource: address, reason: error.message, write.envelope)
        return error
    }
}
