/// Measures the nesting of a body before any decoder touches it, without recursion and without judging whether it is JSON.
///
/// Cost: one pass over the bytes, stops at the first level beyond `limit`.
package func jsonNestingExceeds(_ limit: Int, in bytes: [UInt8]) -> Bool {
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in bytes {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            continue
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            if depth > limit { return true }
        // Closing what was not opened must not buy room for more later.
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
        default: break
        }
    }
    return false
}
