import Testing

import Vocabulary

@Suite struct `Striking out secrets` {
    @Test func `a value is found in plain text and inside JSON strings`() {
        var redactor = SecretRedactor()
        redactor.learn("pa\"ss\nword", as: "[secret DB]")
        #expect(redactor.redact("x pa\"ss\nword y") == "x [secret DB] y")
        #expect(redactor.redact(#"{"p":"pa\"ss\nword"}"#) == #"{"p":"[secret DB]"}"#)
    }

    @Test func `a value that is too short to be told from text stays`() {
        var redactor = SecretRedactor()
        redactor.learn("abc", as: "[secret SHORT]")
        #expect(redactor.redact("abcabc") == "abcabc")
    }

    @Test func `every occurrence goes`() {
        var redactor = SecretRedactor()
        redactor.learn("token-1", as: "[secret T]")
        #expect(redactor.redact("token-1token-1 token-") == "[secret T][secret T] token-")
    }
}
