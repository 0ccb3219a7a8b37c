import BuildProducts
import DriverThreads
import Glibc

/// The built `fastn`, run as a process of its own in a folder of its own.
struct FastnProcess: Sendable {
    /// How a command ended and what it wrote.
    struct Outcome: Sendable {
        let exitCode: Int32
        let output: String
        let error: String
    }

    private let processID: pid_t
    private let folder: TemporaryFolder

    /// Runs the command to its end.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String = "", in folder: TemporaryFolder? = nil
    ) async throws -> Outcome {
        try await start(arguments, environment: environment, input: input, in: folder).end()
    }

    /// Starts the command; nothing of the surroundings of the tests reaches it.
    static func start(
        _ arguments: [String], environment: [String: String] = [:], input: String = "", in folder: TemporaryFolder? = nil
    ) async throws -> FastnProcess {
        let folder = try folder ?? TemporaryFolder()
        try folder.write(input, to: "stdin")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, folder.path("stdin"), O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder.path("stdout"), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder.path("stderr"), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let program = BuildProducts.path(of: "fastn")
        let variables = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "FASTN_DATA": folder.path("data")].merging(environment) { $1 }
        var processID = pid_t()
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        let code = posix_spawn(&processID, program, &actions, nil, words, settings)
        guard code == 0 else { throw StartFailure(program: program, code: code) }
        return FastnProcess(processID: processID, folder: folder)
    }

    /// What Ctrl-C does.
    func interrupt() { kill(processID, SIGINT) }

    /// Waits for the end.
    func end() async throws -> Outcome {
        let id = processID
        let status = await DedicatedThread.run(name: "wait") {
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
            return status
        }
        // Ended by a signal: as shells report it.
        let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        return Outcome(exitCode: code, output: try folder.read("stdout"), error: try folder.read("stderr"))
    }
}

/// The program could not be started.
struct StartFailure: Error {
    let program: String
    let code: Int32
}

/// A folder of one test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/fastn-cli-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StartFailure(program: "mkdtemp", code: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { Self.remove(path) }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, and the folder it is in when the name has one.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        if let slash = name.lastIndex(of: "/") { mkdir(path(String(name[..<slash])), 0o700) }
        guard let file = fopen(path(name), "w") else { throw StartFailure(program: name, code: errno) }
        defer { fclose(file) }
        fputs(text, file)
        return path(name)
    }

    func read(_ name: String) throws -> String {
        guard let file = fopen(path(name), "r") else { throw StartFailure(program: name, code: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                if name != "." && name != ".." { remove("\(path)/\(name)") }
            }
            closedir(folder)
        }
        Glibc.remove(path)
    }
}
