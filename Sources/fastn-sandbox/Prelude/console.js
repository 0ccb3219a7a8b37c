// `console`: each call is one log frame. What was passed is shown as text, within bounds and whatever its getters do.
const shownDepth = 4;
const shownEntries = 100;
const shownLength = 16000;
const mapEntries = Map.prototype.entries;
const setValues = Set.prototype.values;
const toISOString = Date.prototype.toISOString;
const objectTag = Object.prototype.toString;

function inspect(value, depth, parents) {
  switch (typeof value) {
    case "string": return depth === 0 ? value : stringify(value);
    case "bigint": return `${value}n`;
    case "symbol": return String(value);
    case "function": return `[Function ${describe(value).name || "(anonymous)"}]`;
    case "object": break;
    default: return String(value);
  }
  if (value === null) return "null";
  if (parents.includes(value)) return "[Circular]";
  if (depth >= shownDepth) return isArray(value) ? "[Array]" : "[Object]";
  return inspectObject(value, depth, [...parents, value]);
}

function inspectObject(value, depth, parents) {
  const tag = apply(objectTag, value, []);
  const list = (items, open, close, show) => {
    const shown = [];
    for (const item of items) {
      if (shown.length === shownEntries) {
        shown.push("...");
        break;
      }
      shown.push(show(item));
    }
    return shown.length === 0 ? open + close : `${open} ${shown.join(", ")} ${close}`;
  };
  const inner = (item) => inspect(item, depth + 1, parents);
  if (isArray(value)) return list(value, "[", "]", inner);
  if (value instanceof NativeError) {
    const { name, message, stack } = describe(value);
    return stack === "" ? `${name}: ${message}` : `${name}: ${message}\n${stack}`;
  }
  if (tag === "[object Date]") return apply(toISOString, value, []);
  if (tag === "[object Map]") return list(apply(mapEntries, value, []), "Map {", "}", ([key, item]) => `${inner(key)} => ${inner(item)}`);
  if (tag === "[object Set]") return list(apply(setValues, value, []), "Set {", "}", inner);
  const names = ownKeys(value).filter((name) => getOwnPropertyDescriptor(value, name)?.enumerable);
  return list(names, "{", "}", (name) => `${String(name)}: ${inner(value[name])}`);
}

function writeLog(level, values) {
  const parts = [];
  for (const value of values) {
    try {
      parts[parts.length] = inspect(value, 0, []);
    } catch {
      parts[parts.length] = "[a value that cannot be shown]";
    }
  }
  native(LOG, 0, stringify({ level, text: cut(parts.join(" "), shownLength) }));
}

const consoleObject = {};
for (const level of ["log", "info", "warn", "error", "debug"]) consoleObject[level] = (...values) => writeLog(level, values);
consoleObject.trace = consoleObject.debug;
consoleObject.dir = (value) => writeLog("log", [value]);
consoleObject.assert = (condition, ...values) => { if (!condition) writeLog("error", ["Assertion failed:", ...values]); };
defineGlobal("console", consoleObject);
