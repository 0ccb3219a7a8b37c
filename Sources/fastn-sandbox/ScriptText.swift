import CJavaScriptCore

/// Conversions between the engine's strings and UTF-8 bytes.
enum ScriptText {
    /// Makes an engine string; ill-formed UTF-8 is repaired with U+FFFD. The caller releases it.
    ///
    /// The engine's own conversion answers an empty string for ill-formed UTF-8 and stops at NUL, so only plain ASCII goes that way.
    static func make(_ bytes: [UInt8]) -> JSStringRef? {
        if bytes.allSatisfy({ $0 != 0 && $0 < 0x80 }) {
            return (bytes + [0]).withUnsafeBytes { JSStringCreateWithUTF8CString($0.baseAddress?.assumingMemoryBound(to: CChar.self)) }
        }
        return Array(String(decoding: bytes, as: UTF8.self).utf16).withUnsafeBufferPointer {
            JSStringCreateWithCharacters($0.baseAddress, $0.count)
        }
    }

    /// The UTF-8 bytes of an engine string.
    static func bytes(of string: JSStringRef) -> [UInt8] {
        let capacity = JSStringGetMaximumUTF8CStringSize(string)
        return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            let written = buffer.withMemoryRebound(to: CChar.self) { JSStringGetUTF8CString(string, $0.baseAddress, capacity) }
            // The terminating NUL is counted; zero means that the text could not be converted at all.
            count = max(written, 1) - 1
        }
    }

    /// The UTF-8 bytes of a value, which must be a string already: converting an object would run the guest's code.
    static func bytes(of value: JSValueRef, in context: JSContextRef) -> [UInt8]? {
        guard JSValueIsString(context, value), let string = JSValueToStringCopy(context, value, nil) else { return nil }
        defer { JSStringRelease(string) }
        return bytes(of: string)
    }
}
