package import Vocabulary

/// Rules for names that users choose; each answers the remedy, or nil when the text is fine.
package enum TextRules {
    package static func name(_ text: String, at pointer: String) -> Problem? {
        if text.isEmpty { return Problem(pointer, "must not be empty") }
        if text.utf8.count > Limits.nameLength { return Problem(pointer, "must be at most \(Limits.nameLength) bytes") }
        let hasControl = text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
        return hasControl ? Problem(pointer, "must not contain control characters") : nil
    }

    package static func description(_ text: String, at pointer: String) -> Problem? {
        text.utf8.count > Limits.descriptionLength ? Problem(pointer, "must be at most \(Limits.descriptionLength) bytes") : nil
    }

    /// A name that appears in URLs and in code: letters, digits, `-`, `_` and `.`, beginning with a letter or digit.
    package static func key(_ text: String, at pointer: String) -> Problem? {
        if let problem = name(text, at: pointer) { return problem }
        let isPlain = text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") }
        guard isPlain, let first = text.utf8.first, isLetterOrDigit(first) else {
            return Problem(pointer, "must consist of letters, digits, \"-\", \"_\" and \".\", and begin with a letter or digit")
        }
        return nil
    }

    /// A URL-safe name made from free text, `HubSpot → Xero (daily)` becomes `hubspot-xero-daily`; underscores stay, except in front.
    ///
    /// Empty when the text has no letter or digit of ASCII; otherwise a lawful key.
    package static func slug(from text: String) -> String {
        var slug: [UInt8] = []
        for byte in text.lowercased().utf8 {
            if isLetterOrDigit(byte) || byte == UInt8(ascii: "_") && !slug.isEmpty {
                slug.append(byte)
            } else if let last = slug.last, last != UInt8(ascii: "-") {
                slug.append(UInt8(ascii: "-"))
            }
        }
        slug = Array(slug.prefix(Limits.nameLength))
        while slug.last == UInt8(ascii: "-") { slug.removeLast() }
        return String(decoding: slug, as: UTF8.self)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
