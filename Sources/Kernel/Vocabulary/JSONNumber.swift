/// The text of a JSON number, valid under RFC 8259 section 6; equal when the values are, to the last digit and whatever the spelling.
package struct JSONNumber: Hashable, Sendable {
    package let text: String

    package init(text: String) { self.text = text }

    package static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        if left.text == right.text { return true }
        if let left = Int(left.text), let right = Int(right.text) { return left == right }
        guard let left = ExactDecimal(left.text), let right = ExactDecimal(right.text) else { return false }
        return left == right
    }

    package func hash(into hasher: inout Hasher) {
        if let value = ExactDecimal(text) { hasher.combine(value) } else { hasher.combine(text) }
    }
}

/// A decimal number in its only form: digits without a zero at either end, times a power of ten. No digits are zero, which has no sign.
///
/// Not a `Double`, for which 9007199254740992 and its successor are the same number.
private struct ExactDecimal: Hashable {
    private var isNegative = false
    private var digits: [UInt8] = []
    private var exponent = 0

    /// Answers nil when the exponent is beyond 64 bits; such numbers are equal only when spelt alike.
    init?(_ text: String) {
        var rest = text.utf8[...]
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        var isFraction = false
        while let byte = rest.first, byte | 0x20 != UInt8(ascii: "e") {
            rest.removeFirst()
            guard byte != UInt8(ascii: ".") else {
                isFraction = true
                continue
            }
            if isFraction { exponent -= 1 }
            if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte) }
        }
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty {
            (isNegative, exponent) = (false, 0)
            return
        }
        guard !rest.isEmpty else { return }
        guard let written = Int(Substring(rest.dropFirst())) else { return nil }
        let (sum, isTooLarge) = exponent.addingReportingOverflow(written)
        guard !isTooLarge else { return nil }
        exponent = sum
    }
}
