// DOMException, AbortController and queueMicrotask, as far as workflows and libraries written into them use these.
defineGlobal("DOMException", class DOMException extends NativeError {
  constructor(message = "", name = "Error") {
    super(message);
    define(this, "name", `${name}`);
  }
  get code() { return { InvalidCharacterError: 5, AbortError: 20, QuotaExceededError: 22, TimeoutError: 23, DataCloneError: 25 }[this.name] ?? 0; }
});

const signalState = new WeakMap();
const setSignalState = WeakMap.prototype.set.bind(signalState);
const getSignalState = WeakMap.prototype.get.bind(signalState);

class AbortSignal {
  constructor(key) {
    if (key !== signalState) throw new TypeError("Illegal constructor");
    this.onabort = null;
    setSignalState(this, { aborted: false, reason: undefined, listeners: [] });
  }
  get aborted() { return getSignalState(this).aborted; }
  get reason() { return getSignalState(this).reason; }
  throwIfAborted() { if (this.aborted) throw this.reason; }
  addEventListener(type, listener, options) {
    const { listeners } = getSignalState(this);
    if (type === "abort" && listener && !listeners.some((entry) => entry.listener === listener)) {
      listeners.push({ listener, once: options?.once === true });
    }
  }
  removeEventListener(type, listener) {
    const state = getSignalState(this);
    if (type === "abort") state.listeners = state.listeners.filter((entry) => entry.listener !== listener);
  }
  static abort(reason) { return abort(new AbortSignal(signalState), reason); }
  static timeout(milliseconds) {
    const signal = new AbortSignal(signalState);
    addTimer(false, () => abort(signal, new DOMException("the time is over", "TimeoutError")), milliseconds, []);
    return signal;
  }
  static any(signals) {
    const result = new AbortSignal(signalState);
    for (const signal of signals) {
      if (signal.aborted) return abort(result, signal.reason);
      signal.addEventListener("abort", () => abort(result, signal.reason));
    }
    return result;
  }
}

function abort(signal, reason) {
  const state = getSignalState(signal);
  if (state.aborted) return signal;
  state.aborted = true;
  state.reason = reason === undefined ? new DOMException("the operation was aborted", "AbortError") : reason;
  const event = { type: "abort", target: signal };
  const listeners = signal.onabort ? [{ listener: signal.onabort }, ...state.listeners] : state.listeners;
  state.listeners = [];
  for (const { listener } of listeners) {
    try {
      typeof listener === "function" ? apply(listener, signal, [event]) : listener.handleEvent(event);
    } catch (error) {
      report("Uncaught exception in an abort listener", error);
    }
  }
  return signal;
}

defineGlobal("AbortSignal", AbortSignal);
defineGlobal("AbortController", class AbortController {
  #signal = new AbortSignal(signalState);
  get signal() { return this.#signal; }
  abort(reason) { abort(this.#signal, reason); }
});

defineGlobal("queueMicrotask", function queueMicrotask(callback) {
  if (typeof callback !== "function") throw new TypeError("queueMicrotask needs a function to call");
  const run = () => {
    try {
      callback();
    } catch (error) {
      report("Uncaught exception in a microtask", error);
    }
  };
  apply(promiseThen, promiseResolve(undefined), [run]);
});
