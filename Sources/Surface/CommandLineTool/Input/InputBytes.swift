import DriverThreads
import Glibc

/// Reads what a command line names: a file, or standard input.
enum InputBytes {
    /// Beyond it nothing that we read is lawful: it is the limit of a body with room for a clear refusal.
    static let longest = 16 << 20

    /// The whole of a file. Throws ``CommandFailure`` that names it.
    static func file(_ path: String) async throws(CommandFailure) -> [UInt8] {
        try await DedicatedThread.run(name: "input") { () throws(CommandFailure) in
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw unreadable(path, errno) }
            defer { close(file) }
            return try read(file, name: path)
        }
    }

    /// Standard input to its end.
    static func standardInput() async throws(CommandFailure) -> [UInt8] {
        try await DedicatedThread.run(name: "input") { () throws(CommandFailure) in try read(STDIN_FILENO, name: "standard input") }
    }

    private static func read(_ file: Int32, name: String) throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(name, errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= longest else { throw .wrongUse("\(name) is larger than \(longest >> 20) MB") }
        }
    }

    private static func unreadable(_ name: String, _ code: Int32) -> CommandFailure {
        .wrongUse("cannot read \(name): \(String(cString: strerror(code)))")
    }
}
