/// A text as one word of a command that a person copies into a shell.
package enum ShellWord {
    /// As it is when no character of it means something to a shell, else between quotes. Source: POSIX.1-2024, XCU 2.2.2.
    package static func quoting(_ text: String) -> String {
        // Scalar by scalar: a quote that carries an accent is one character to Swift and still a quote to the shell.
        guard text.isEmpty || !text.unicodeScalars.allSatisfy(isPlain) else { return text }
        return "'" + text.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "/._-+:,@%".unicodeScalars.contains(scalar)
    }
}
