import CJavaScriptCore
import CSandbox
import Glibc
import SandboxProtocol

/// The virtual machine of a worker; it lives as long as the process.
struct Engine {
    let group: JSContextGroupRef
    /// A context that runs no customer's code: warm-up and collections happen in it.
    private let base: JSGlobalContextRef
    /// Told of rejections that nobody handles. It belongs to the base context: a context holds its callback strongly,
    /// so that one of its own would keep it alive for ever.
    let rejectionCallback: JSObjectRef

    /// Nil if the engine does not come up as the sandbox needs it: no JIT, no WebAssembly.
    init?() {
        guard let group = JSContextGroupCreate(), let base = JSGlobalContextCreateInGroup(group, nil),
            let rejectionCallback = JSObjectMakeFunctionWithCallback(base, nil, rejectionUnhandled)
        else { return nil }
        JSValueProtect(base, rejectionCallback)
        self.group = group
        self.base = base
        self.rejectionCallback = rejectionCallback
        guard let text = evaluateToText(Prelude.warmUp), text.hasSuffix("undefined") else { return nil }
        JSSynchronousGarbageCollectForDebugging(base)
        // A misspelt engine option is only reported and then ignored, hence the look at what it should have brought about.
        guard fastn_sandbox_has_executable_anonymous_memory() == 0 else { return nil }
    }

    /// Bounds the CPU time of each entry, and enters once: that starts the watchdog's thread, which needs calls the filter refuses.
    func limitEntries(milliseconds: Int64) {
        JSContextGroupSetExecutionTimeLimit(group, Double(milliseconds) / 1000, shouldTerminate, nil)
        _ = evaluateToText("1")
    }

    /// Frees what finished runs left. 0.2 to 4 ms.
    func collectGarbage() {
        JSSynchronousGarbageCollectForDebugging(base)
    }

    private func evaluateToText(_ source: String) -> String? {
        let script = ScriptText.make(Array(source.utf8))
        defer { JSStringRelease(script) }
        guard let value = JSEvaluateScript(base, script, nil, nil, 1, nil), let string = JSValueToStringCopy(base, value, nil) else { return nil }
        defer { JSStringRelease(string) }
        return String(decoding: ScriptText.bytes(of: string), as: UTF8.self)
    }
}

/// Called by the engine inside an entry that used up its time. It never returns to the script: after a termination the engine is not reliable.
private func shouldTerminate(context: JSContextRef?, opaque: UnsafeMutableRawPointer?) -> Bool {
    var payload: [UInt8] = []
    if let backtrace = JSContextCreateBacktrace(context, 8) {
        payload = ScriptText.bytes(of: backtrace)
        JSStringRelease(backtrace)
    }
    Channel.send(SandboxFrame(.limit, run: Worker.currentRunNumber, payload: Array(payload.prefix(4 << 10))))
    _exit(SandboxExitStatus.cpu)
}
