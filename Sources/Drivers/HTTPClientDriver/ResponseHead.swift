/// Collects the lines of a response's head; a new status line starts anew, since interim responses come before the real one.
struct ResponseHead {
    private(set) var reason = ""
    private(set) var fields: [(name: String, value: String)] = []

    /// Takes one line as libcurl gives it, with its line break. Source: RFC 9112, sections 4 and 5.
    mutating func take(line bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            fields.removeAll()
            reason = line.split(separator: " ", maxSplits: 2).dropFirst(2).first.map { trimmed($0) } ?? ""
        } else if let colon = line.firstIndex(of: ":") {
            fields.append((name: trimmed(line[..<colon]), value: trimmed(line[line.index(after: colon)...])))
        }
    }
}

private func trimmed(_ text: Substring) -> String {
    let isPadding = { (character: Character) in character == " " || character == "\t" || character.isNewline }
    let start = text.drop(while: isPadding)
    return String(start.reversed().drop(while: isPadding).reversed())
}
