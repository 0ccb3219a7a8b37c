import CJavaScriptCore
import SandboxProtocol

/// One run: a fresh context with the prelude and, once loaded, the customer's script.
final class Run {
    /// Set when the run is opened; the context is made ahead of it.
    var number: UInt32 = 0
    private let context: JSGlobalContextRef
    private var deliverFunction: JSObjectRef?
    private var failFunction: JSObjectRef?
    private var rejectedFunction: JSObjectRef?
    private let rejectionCallback: JSObjectRef
    private var openCalls: UInt32 = 0
    private var loggedBytes = 0
    /// Held back until the turn is over: a script that goes on working after its result must not do so in the next run's time.
    private(set) var outcome: SandboxFrame?

    /// Nil if the prelude cannot be installed, which no script can cause.
    init?(engine: Engine) {
        guard let context = JSGlobalContextCreateInGroup(engine.group, nil) else { return nil }
        self.context = context
        rejectionCallback = engine.rejectionCallback
        JSGlobalContextSetInspectable(context, false)
        guard install() else { return nil }
    }

    deinit {
        // A protected function would keep the whole context alive.
        for function in [deliverFunction, failFunction, rejectedFunction] where function != nil { JSValueUnprotect(context, function) }
        JSGlobalContextRelease(context)
    }

    private func install() -> Bool {
        guard let factory = evaluate(Prelude.source, name: SandboxSourceName.prelude, exception: nil) else { return false }
        let native = JSObjectMakeFunctionWithCallback(context, nil, sendFromScript)
        let arguments: [JSValueRef?] = [native]
        guard let functions = JSObjectCallAsFunction(context, factory, nil, 1, arguments, nil) else { return false }
        guard let deliver = property("deliver", of: functions), let fail = property("fail", of: functions),
            let rejected = property("rejected", of: functions)
        else { return false }
        // Nothing in the context refers to these, so the collector would take them.
        for function in [deliver, fail, rejected] { JSValueProtect(context, function) }
        deliverFunction = deliver
        failFunction = fail
        rejectedFunction = rejected
        JSGlobalContextSetUnhandledRejectionCallback(context, rejectionCallback, nil)
        let message = ScriptText.make(Array("code cannot be made from text in workflows".utf8))
        JSGlobalContextSetEvalEnabled(context, false, message)
        JSStringRelease(message)
        return true
    }

    /// Evaluates the customer's script; what it throws fails the run.
    func load(_ script: [UInt8]) {
        let text = ScriptText.make(script)
        defer { JSStringRelease(text) }
        var exception: JSValueRef?
        if evaluate(text, name: SandboxSourceName.workflow, exception: &exception) == nil { fail(with: exception) }
    }

    /// One turn: hands a frame to the prelude and drains all microtasks.
    func deliver(_ frame: SandboxFrame) {
        guard outcome == nil else { return }
        if frame.kind == .value || frame.kind == .error { openCalls -= min(openCalls, 1) }
        let text = ScriptText.make(frame.payload)
        defer { JSStringRelease(text) }
        let arguments: [JSValueRef?] = [
            JSValueMakeNumber(context, Double(frame.kind.rawValue)), JSValueMakeNumber(context, Double(frame.id)), JSValueMakeString(context, text),
        ]
        var exception: JSValueRef?
        JSObjectCallAsFunction(context, deliverFunction, nil, arguments.count, arguments, &exception)
        if exception != nil { fail(with: exception) }
    }

    /// What the supervisor is told at the end of a turn.
    func endOfTurn() -> SandboxFrame {
        outcome ?? SandboxFrame(.turn, run: number, id: openCalls)
    }

    /// Takes one message of the prelude's. False if it is too large to be sent.
    fileprivate func send(kindByte: UInt8, id: UInt32, payload: [UInt8]) -> Bool {
        // What a script does after its end, in the rest of the turn, is not heard.
        guard outcome == nil, let kind = SandboxFrame.Kind(rawValue: kindByte) else { return true }
        guard payload.count <= (kind == .call ? SandboxLimits.outgoingPayloadBytes : SandboxLimits.outgoingJSONBytes) else { return false }
        let frame = SandboxFrame(kind, run: number, id: id, payload: payload)
        switch kind {
        case .result, .failure: outcome = frame
        case .call:
            openCalls += 1
            Channel.send(frame)
        case .log:
            // The frame that passes the bound is sent, so that the supervisor sees it passed; what follows would be dropped there.
            if loggedBytes <= SandboxLimits.logBytes { Channel.send(frame) }
            loggedBytes += payload.count
        default: break
        }
        return true
    }

    fileprivate func reportRejection(_ arguments: [JSValueRef?]) {
        JSObjectCallAsFunction(context, rejectedFunction, nil, arguments.count, arguments, nil)
    }

    private func fail(with exception: JSValueRef?) {
        let arguments: [JSValueRef?] = [exception ?? JSValueMakeUndefined(context)]
        JSObjectCallAsFunction(context, failFunction, nil, 1, arguments, nil)
    }

    private func evaluate(_ script: JSStringRef?, name: String, exception: UnsafeMutablePointer<JSValueRef?>?) -> JSValueRef? {
        let url = ScriptText.make(Array(name.utf8))
        defer { JSStringRelease(url) }
        return JSEvaluateScript(context, script, nil, url, 1, exception)
    }

    private func property(_ name: String, of object: JSObjectRef) -> JSObjectRef? {
        let key = ScriptText.make(Array(name.utf8))
        defer { JSStringRelease(key) }
        guard let value = JSObjectGetProperty(context, object, key, nil), JSValueIsObject(context, value) else { return nil }
        return value
    }
}

/// `native(kind, id, text)` of the prelude: true unless the text is too large.
private func sendFromScript(
    context: JSContextRef?, function: JSObjectRef?, this: JSObjectRef?, count: Int, arguments: UnsafePointer<JSValueRef?>?,
    exception: UnsafeMutablePointer<JSValueRef?>?
) -> JSValueRef? {
    guard let context, let run = Worker.currentRun, count == 3, let arguments,
        let kindValue = arguments[0], let idValue = arguments[1], let textValue = arguments[2],
        let kind = UInt8(exactly: JSValueToNumber(context, kindValue, nil)), let id = UInt32(exactly: JSValueToNumber(context, idValue, nil)),
        let payload = ScriptText.bytes(of: textValue, in: context)
    else { return JSValueMakeBoolean(context, false) }
    return JSValueMakeBoolean(context, run.send(kindByte: kind, id: id, payload: payload))
}

/// Called by the engine with (promise, reason) when the microtasks are drained and nobody has handled a rejection.
func rejectionUnhandled(
    context: JSContextRef?, function: JSObjectRef?, this: JSObjectRef?, count: Int, arguments: UnsafePointer<JSValueRef?>?,
    exception: UnsafeMutablePointer<JSValueRef?>?
) -> JSValueRef? {
    Worker.currentRun?.reportRejection(Array(UnsafeBufferPointer(start: arguments, count: count)))
    return JSValueMakeUndefined(context)
}
