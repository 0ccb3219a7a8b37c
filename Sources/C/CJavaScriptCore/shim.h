#ifndef FASTN_CJAVASCRIPTCORE_SHIM_H
#define FASTN_CJAVASCRIPTCORE_SHIM_H

#include <JavaScriptCore/JavaScript.h>
#include <stdbool.h>

// What follows is exported by the library and missing from its installed headers.
// Source: WebKit, JSContextRefPrivate.h, JSBasePrivate.h.

typedef bool (*FastnShouldTerminate)(JSContextRef context, void *opaque);

// The callback is asked when one entry into the engine has used `seconds` of CPU time; true ends the script.
void JSContextGroupSetExecutionTimeLimit(JSContextGroupRef group, double seconds, FastnShouldTerminate callback, void *opaque);

// `function` is called with (promise, reason) for a rejection that nobody handled by the end of the microtask drain.
void JSGlobalContextSetUnhandledRejectionCallback(JSGlobalContextRef context, JSObjectRef function, JSValueRef *exception);

// Collects at once; JSGarbageCollect only asks for a collection that a run loop would perform.
void JSSynchronousGarbageCollectForDebugging(JSContextRef context);

JSStringRef JSContextCreateBacktrace(JSContextRef context, unsigned maximumFrames);

void JSGlobalContextSetEvalEnabled(JSGlobalContextRef context, bool enabled, JSStringRef message);

#endif
