import ArgumentParser
import CommandLineTool
import Projections
import Vocabulary

/// `fastn projections unpark`: takes back the streams that a view has put aside.
struct UnparkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpark", abstract: "Applies the streams that a view has put aside, while the server runs.",
        discussion: """
            A view puts a stream aside when it cannot apply one of its events; fastn status shows which and why. Do this once the cause is gone, \
            such as after an update. A stream that still cannot be applied stays aside and ends the command with 1.

            \(ExitStatus.help)
            """)

    @Argument(help: "The view: \(UnparkCommand.parking).") var name: ProjectionName
    @Option(help: "The data folder of the server, in place of FASTN_DATA.") var data: String?
    @OptionGroup var output: OutputOptions

    private static let parking = ProjectionName.allCases.filter { $0.poisonPolicy == .parks }.map(\.rawValue).joined(separator: " or ")

    func validate() throws {
        guard name.poisonPolicy == .parks else { throw ValidationError("the view \(name.rawValue) puts nothing aside; name \(Self.parking)") }
    }

    func run() async throws {
        try await ViewDatabase.with(dataFolder: data) { projections in
            let report = try await projections.unpark(name)
            output.show(Self.json(report)) { Self.text(report) }
            guard report.refused.isEmpty else { throw ExitStatus.failed }
        }
    }

    private static func json(_ report: UnparkReport) -> JSONValue {
        let refused = report.refused.map { refusal -> JSONValue in ["stream": .id(refusal.stream.stream), "reason": .string(refusal.reason)] }
        return ["returned": .array(report.returned.map { .id($0.stream) }), "refused": .array(refused)]
    }

    private static func text(_ report: UnparkReport) -> String {
        let refused = report.refused.map { "\($0.stream.category) \($0.stream.stream) stays aside: \($0.reason)\n" }
        return refused.joined() + "\(report.returned.count) taken back, \(report.refused.count) still aside\n"
    }
}
