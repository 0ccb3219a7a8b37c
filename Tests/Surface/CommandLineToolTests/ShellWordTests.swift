import Testing

@testable import CommandLineTool

@Suite struct `Words for a shell` {
    @Test(arguments: ["/var/lib/fastn/api-key", "http://127.0.0.1:8080/a_b", "fk-1.2+3,4@5%6", "/srv/Büro"])
    func `a text that means itself stays as it is`(text: String) { #expect(ShellWord.quoting(text) == text) }

    @Test(arguments: [
        ("", "''"), ("my data", "'my data'"), ("$HOME", "'$HOME'"), ("~/x", "'~/x'"), ("a;b", "'a;b'"), ("it's", #"'it'\''s'"#),
        ("'\u{308}", "''\\''\u{308}'"), ("a\nb", "'a\nb'"), ("*", "'*'"), ("a\"b", #"'a"b'"#),
    ])
    func `everything else becomes one quoted word`(text: String, word: String) { #expect(ShellWord.quoting(text) == word) }
}
