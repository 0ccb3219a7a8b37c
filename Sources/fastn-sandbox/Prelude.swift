import CJavaScriptCore
import SandboxProtocol

/// The JavaScript that runs in every fresh context before the customer's script, joined from the fragments in `Prelude/`.
enum Prelude {
    /// A function of `(native, limits)` that answers `{deliver, rejected, fail}`.
    ///
    /// The engine's own string, made once and never changed: it finds the compiled code again by it, and a copy for each context would cost 0.1 MB.
    nonisolated(unsafe) static let source: JSStringRef? = ScriptText.make(Array(text.utf8))

    private static let text: String = {
        let fragments = [
            PackageResources.host_js, PackageResources.determinism_js, PackageResources.console_js, PackageResources.encoding_js,
            PackageResources.events_js, PackageResources.url_js, PackageResources.url_api_js, PackageResources.fastn_js,
        ]
        let limits =
            "{openCalls:\(SandboxLimits.openCalls),totalCalls:\(SandboxLimits.totalCalls),outgoingJSONBytes:\(SandboxLimits.outgoingJSONBytes)}"
        let body = fragments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
        return "(function (native) {\n\"use strict\";\nconst limits = \(limits);\n\(body)\nreturn { deliver, rejected, fail };\n})"
    }()

    /// Touches what loads lazily (time zones, collation, number formats), which the filter would refuse later.
    static let warmUp = """
        new Date().toLocaleString("en-US", {timeZone: "Asia/Tokyo"}) + new Intl.NumberFormat("de-DE").format(1234.5)
            + ["b", "a"].sort(new Intl.Collator("sv").compare) + "x".normalize("NFD") + /\\p{L}/u.test("ä") + typeof WebAssembly
        """
}
