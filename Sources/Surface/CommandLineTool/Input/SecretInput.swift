import DriverThreads
import Glibc

/// Reads a secret's value without showing it.
enum SecretInput {
    /// From standard input: a terminal is asked with its echo off, anything else is read to its end without the last line break.
    static func read(name: String) async throws(CommandFailure) -> String {
        let bytes = isatty(STDIN_FILENO) == 1 ? await ask(name: name) : try await InputBytes.standardInput()
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .wrongUse("the value of a secret must be UTF-8 text") }
        return withoutLineBreak(text)
    }

    private static func ask(name: String) async -> [UInt8] {
        await DedicatedThread.run(name: "input") {
            var settings = termios()
            tcgetattr(STDIN_FILENO, &settings)
            var silent = settings
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
            defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
            Terminal.err("value of \(name) (not shown): ")
            defer { Terminal.err("\n") }
            return Array((readLine() ?? "").utf8)
        }
    }

    /// The text without the one line break that `echo` and editors put at the end.
    static func withoutLineBreak(_ text: String) -> String {
        guard let last = text.last, last == "\n" || last == "\r\n" else { return text }
        return String(text.dropLast())
    }
}
