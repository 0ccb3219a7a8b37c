// The core of the prelude: host calls, their answers, and the life of one run. The fragments of this folder are joined into the body of one
// function (native, limits) that runs once per context, before the customer's script; see Prelude.swift.
//
// The guest may rewrite every global, so what is needed later is taken now.
const { parse, stringify } = JSON;
const { apply, construct, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
const { isArray } = Array;
const { imul, floor } = Math;
const { fromCharCode, fromCodePoint } = String;
const NativeError = Error;
const NativePromise = Promise;
const promiseThen = Promise.prototype.then;
const promiseResolve = (value) => apply(NativePromise.resolve, NativePromise, [value]);
const testPattern = RegExp.prototype.test;

const define = (target, name, value) => defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
const defineGlobal = (name, value) => define(globalThis, name, value);

// Bytes of the wire, see SandboxFrame.Kind.
const CALL = 0x43, LOG = 0x47, RESULT = 0x44, FAILURE = 0x46;
const OPEN = 0x4f, INPUT = 0x49, BODY = 0x42, START = 0x52, CHECK = 0x4b, VALUE = 0x56, ERROR = 0x45;

let nextCall = 0;
let openCalls = 0;
let finished = false;
let input = null;
let rawBody = "";
const pending = Object.create(null);

// Takes the next index and tells the host. `entry` has `resolve`, `reject` and, if a customer's frame waits for it, `stack`.
function callHost(op, args, entry) {
  if (openCalls >= limits.openCalls) {
    throw new RangeError(`${op}: more than ${limits.openCalls} host calls are open at once; await some of them first`);
  }
  if (nextCall >= limits.totalCalls) throw new RangeError(`${op}: a run may make at most ${limits.totalCalls} host calls`);
  let text;
  try {
    text = stringify(args);
  } catch (error) {
    throw new TypeError(`${op}: the arguments cannot be written as JSON: ${describe(error).message}`);
  }
  // Read after stringify: a toJSON method may have made a call of its own.
  const id = nextCall;
  if (!native(CALL, id, `{"op":${stringify(op)},"args":${text}}`)) {
    throw new RangeError(`${op}: the arguments are larger than ${limits.outgoingJSONBytes} bytes`);
  }
  nextCall += 1;
  openCalls += 1;
  pending[id] = entry;
}

// A host call as a promise. The stack is kept because an error made for an answer would have no frame of the customer's.
function invoke(op, args) {
  const { stack } = new NativeError();
  return new NativePromise((resolve, reject) => callHost(op, args, { resolve, reject, stack }));
}

function settle(id, text, failed) {
  const entry = pending[id];
  if (entry === undefined) return;
  delete pending[id];
  openCalls -= 1;
  const answer = parse(text);
  advanceClock(answer.t);
  if (!failed) return entry.resolve(answer.v);
  const error = new NativeError(answer.message);
  define(error, "name", answer.name);
  if (answer.code !== undefined && answer.code !== null) error.code = answer.code;
  if (entry.stack !== undefined) define(error, "stack", entry.stack);
  entry.reject(error);
}

// What can be said of a thrown value, which may be anything, a proxy with throwing traps too.
function describe(thrown) {
  const read = (name) => {
    try {
      const value = thrown[name];
      return typeof value === "string" ? value : undefined;
    } catch {
      return undefined;
    }
  };
  const text = () => {
    try {
      return typeof thrown === "object" ? stringify(thrown) ?? "undefined" : String(thrown);
    } catch {
      return "a value that cannot be shown";
    }
  };
  if (thrown === null || (typeof thrown !== "object" && typeof thrown !== "function")) return { name: "Error", message: text(), stack: "" };
  return { name: read("name") ?? "Error", message: read("message") ?? text(), stack: read("stack") ?? "" };
}

const cut = (text, length) => (text.length > length ? `${text.slice(0, length)} ...` : text);

function fail(thrown) {
  if (finished) return;
  const { name, message, stack } = describe(thrown);
  finished = true;
  native(FAILURE, 0, stringify({ name: cut(name, 200), message: cut(message, 8000), stack: cut(stack, 16000) }));
}

function complete(value) {
  if (finished) return;
  let text;
  try {
    text = stringify(value) ?? "null";
  } catch (error) {
    return fail(new TypeError(`the result cannot be written as JSON: ${describe(error).message}`));
  }
  if (!native(RESULT, 0, text)) return fail(new RangeError(`the result is larger than ${limits.outgoingJSONBytes} bytes`));
  finished = true;
}

// Numbers would lose digits beyond 2^53, so integers there stay text. The pattern spares the slow way where there is no long number.
const longNumber = /\d{16}/;
const longInteger = /^-?\d{16,}$/;
function keepDigits(key, value, context) {
  if (typeof value !== "number" || value < -0x20000000000000 || value > 0x20000000000000) {
    return typeof value === "number" && apply(testPattern, longInteger, [context.source]) ? context.source : value;
  }
  const rounded = (value === 0x20000000000000 || value === -0x20000000000000) && apply(testPattern, longInteger, [context.source]);
  return rounded && `${value}` !== context.source ? context.source : value;
}
const parseInput = (text) => (apply(testPattern, longNumber, [text]) ? parse(text, keepDigits) : parse(text));

function mainFunction() {
  const main = globalThis.__wf?.default;
  if (typeof main !== "function") throw new TypeError("the workflow needs a default export: export default async function (ctx) { ... }");
  return main;
}

async function start(text) {
  try {
    const { headers, context } = parse(text);
    complete(await mainFunction()({ input, headers, rawBody, ...context }));
  } catch (error) {
    fail(error);
  }
}

function check() {
  try {
    mainFunction();
    complete(null);
  } catch (error) {
    fail(error);
  }
}

// One delivery is one turn: the engine drains all microtasks when this returns.
function deliver(kind, id, text) {
  switch (kind) {
    case OPEN: return setClockAndSeed(parse(text));
    case INPUT: input = parseInput(text); return;
    case BODY: rawBody = text; return;
    case START: start(text); return;
    case CHECK: return check();
    case VALUE: return settle(id, text, false);
    case ERROR: return settle(id, text, true);
  }
}

// An error that nobody waits for: said, not fatal.
function report(what, thrown) {
  if (!finished) writeLog("error", [`${what}:`, thrown]);
}
const rejected = (promise, reason) => report("Unhandled promise rejection", reason);

// esbuild turns a static import into a call of this.
defineGlobal("require", function require(name) {
  throw new NativeError(`module "${name}" is not available in workflows`);
});
