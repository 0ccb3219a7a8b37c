// Time, chance and timers come from the host, so that a replay sees the same: the clock moves only by the time stamped on each answer.
let clock = 0;
let clockAtStart = 0;

// xoshiro128**, seeded through splitmix32. Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018.
const random = [1, 2, 3, 4];
const rotate = (value, count) => (value << count) | (value >>> (32 - count));

function setClockAndSeed({ now, seed: [high, low] }) {
  clock = clockAtStart = now;
  for (let index = 0, state = high; index < 4; index += 1) {
    if (index === 2) state ^= low;
    state = (state + 0x9e3779b9) | 0;
    let mixed = imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = imul(mixed ^ (mixed >>> 15), 0x735a2d97) ^ low;
    random[index] = mixed ^ (mixed >>> 15);
  }
  if ((random[0] | random[1] | random[2] | random[3]) === 0) random[0] = 1;
}

function advanceClock(milliseconds) {
  if (milliseconds > clock) clock = milliseconds;
}

function nextWord() {
  const result = imul(rotate(imul(random[1], 5), 7), 9);
  const shifted = random[1] << 9;
  random[2] ^= random[0];
  random[3] ^= random[1];
  random[1] ^= random[2];
  random[0] ^= random[3];
  random[2] ^= shifted;
  random[3] = rotate(random[3], 11);
  return result >>> 0;
}

define(Math, "random", () => ((nextWord() >>> 5) * 0x4000000 + (nextWord() >>> 6)) / 0x20000000000000);

const NativeDate = Date;
function ClockDate(...parts) {
  if (new.target === undefined) return new NativeDate(clock).toString();
  return construct(NativeDate, parts.length === 0 ? [clock] : parts, new.target);
}
define(ClockDate, "name", "Date");
defineProperty(ClockDate, "length", { value: 7 });
defineProperty(ClockDate, "prototype", { value: NativeDate.prototype, writable: false });
define(NativeDate.prototype, "constructor", ClockDate);
define(ClockDate, "now", () => clock);
define(ClockDate, "parse", NativeDate.parse);
define(ClockDate, "UTC", NativeDate.UTC);
defineGlobal("Date", ClockDate);
define(globalThis, "performance", { now: () => clock - clockAtStart, get timeOrigin() { return clockAtStart; } });

// Without an argument these read the real clock.
const dateTimeFormat = Intl.DateTimeFormat.prototype;
const { get: getFormat } = getOwnPropertyDescriptor(dateTimeFormat, "format");
const { formatToParts } = dateTimeFormat;
defineProperty(dateTimeFormat, "format", {
  configurable: true,
  get() {
    const format = apply(getFormat, this, []);
    return (date) => format(date === undefined ? clock : date);
  },
});
define(dateTimeFormat, "formatToParts", function (date) {
  return apply(formatToParts, this, [date === undefined ? clock : date]);
});

const typedArrayTag = getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const integerArrayNames = Object.create(null);
for (const size of ["8", "16", "32"]) integerArrayNames[`Int${size}Array`] = integerArrayNames[`Uint${size}Array`] = true;
for (const name of ["Uint8ClampedArray", "BigInt64Array", "BigUint64Array"]) integerArrayNames[name] = true;
const NativeUint8Array = Uint8Array;
const hex = (count) => {
  let text = "";
  for (let index = 0; index < count; index += 1) text += (nextWord() & 15).toString(16);
  return text;
};
defineGlobal("crypto", {
  getRandomValues(array) {
    const tag = apply(typedArrayTag, array, []);
    if (tag === undefined || integerArrayNames[tag] !== true) throw new TypeError("crypto.getRandomValues takes an array of integers");
    if (array.byteLength > 65536) throw new DOMException("crypto.getRandomValues fills at most 65536 bytes", "QuotaExceededError");
    const bytes = new NativeUint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = nextWord() & 0xff;
    return array;
  },
  randomUUID: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[nextWord() & 3]}${hex(3)}-${hex(12)}`,
});

// Timers are host calls, so they are journaled like every other.
const timers = Object.create(null);
let nextTimer = 0;
function addTimer(repeats, callback, delay, args) {
  if (typeof callback !== "function") throw new TypeError("a timer needs a function to call");
  nextTimer += 1;
  const id = nextTimer;
  const milliseconds = delay > 0 ? floor(delay < 0x7fffffff ? +delay : 0x7fffffff) : 0;
  const fire = () => {
    if (timers[id] === undefined) return;
    if (!repeats) delete timers[id];
    try {
      apply(callback, undefined, args);
    } catch (error) {
      report("Uncaught exception in a timer", error);
    }
    if (timers[id] === undefined) return;
    try {
      callHost("timer.sleep", { ms: milliseconds }, entry);
    } catch (error) {
      report("A timer stopped", error);
    }
  };
  const entry = { resolve: fire, reject: (error) => report("Timer failed", error) };
  timers[id] = entry;
  callHost("timer.sleep", { ms: milliseconds }, entry);
  return id;
}
const removeTimer = (id) => { if (typeof id === "number") delete timers[id]; };
defineGlobal("setTimeout", function setTimeout(callback, delay, ...args) { return addTimer(false, callback, delay, args); });
defineGlobal("setInterval", function setInterval(callback, delay, ...args) { return addTimer(true, callback, delay, args); });
defineGlobal("clearTimeout", function clearTimeout(id) { removeTimer(id); });
defineGlobal("clearInterval", function clearInterval(id) { removeTimer(id); });

// Each of these shows when the collector runs, blocks the thread, or needs what the sandbox forbids.
for (const name of ["WeakRef", "FinalizationRegistry", "WebAssembly", "Atomics", "SharedArrayBuffer"]) delete globalThis[name];

// The engine's own never settles when an element rejects.
define(Array, "fromAsync", async function fromAsync(items, map, thisArgument) {
  const result = [];
  const add = async (value) => {
    result[result.length] = map === undefined ? await value : await apply(map, thisArgument, [await value, result.length]);
  };
  const asynchronous = items[Symbol.asyncIterator];
  if (asynchronous !== undefined && asynchronous !== null) {
    const iterator = apply(asynchronous, items, []);
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) await add(step.value);
  } else if (items[Symbol.iterator] !== undefined) {
    for (const value of items) await add(value);
  } else {
    for (let index = 0; index < items.length; index += 1) await add(items[index]);
  }
  return result;
});
