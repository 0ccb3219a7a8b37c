// TextEncoder, TextDecoder, atob, btoa and structuredClone. Source: WHATWG Encoding, HTML and Infra standards; UTF-8 only.
const toWellFormed = String.prototype.toWellFormed;
const charCodeAt = String.prototype.charCodeAt;
const codeAt = (text, index) => apply(charCodeAt, text, [index]);

function utf8Bytes(text) {
  const source = apply(toWellFormed, text, []);
  const bytes = [];
  for (const character of source) {
    const code = character.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
}

// The UTF-8 decoder of the Encoding standard, one replacement character per ill-formed run.
function utf8Text(bytes, onError) {
  let text = "";
  let code = 0, needed = 0, lower = 0x80, upper = 0xbf;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (needed > 0) {
      if (byte < lower || byte > upper) {
        text += onError();
        needed = 0;
        index -= 1;
      } else {
        code = (code << 6) | (byte & 63);
        needed -= 1;
        if (needed === 0) text += fromCodePoint(code);
      }
      lower = 0x80;
      upper = 0xbf;
    } else if (byte < 0x80) {
      text += fromCharCode(byte);
    } else if (byte >= 0xc2 && byte <= 0xf4) {
      needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      code = byte & (0x3f >> needed);
      if (byte === 0xe0) lower = 0xa0;
      if (byte === 0xed) upper = 0x9f;
      if (byte === 0xf0) lower = 0x90;
      if (byte === 0xf4) upper = 0x8f;
    } else {
      text += onError();
    }
  }
  return needed > 0 ? text + onError() : text;
}

defineGlobal("TextEncoder", class TextEncoder {
  get encoding() { return "utf-8"; }
  encode(text = "") { return new NativeUint8Array(utf8Bytes(`${text}`)); }
  encodeInto(text, target) {
    let read = 0, written = 0;
    for (const character of `${text}`) {
      const bytes = utf8Bytes(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
});

defineGlobal("TextDecoder", class TextDecoder {
  #fatal;
  #ignoreBOM;
  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    if (!/^(utf-?8|unicode-1-1-utf-8)$/i.test(`${label}`.trim())) throw new RangeError(`TextDecoder knows utf-8 only, not "${label}"`);
    this.#fatal = fatal;
    this.#ignoreBOM = ignoreBOM;
  }
  get encoding() { return "utf-8"; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#ignoreBOM; }
  decode(source, options) {
    if (options?.stream) throw new TypeError("TextDecoder cannot decode a stream here");
    if (source === undefined) return "";
    const bytes = ArrayBuffer.isView(source)
      ? new NativeUint8Array(source.buffer, source.byteOffset, source.byteLength) : new NativeUint8Array(source);
    const text = utf8Text(bytes, () => {
      if (this.#fatal) throw new TypeError("the bytes are not UTF-8");
      return "\ufffd";
    });
    return !this.#ignoreBOM && text.startsWith("\ufeff") ? text.slice(1) : text;
  }
});

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const base64Values = Object.create(null);
for (let index = 0; index < 64; index += 1) base64Values[base64Alphabet[index]] = index;

defineGlobal("btoa", function btoa(value) {
  const text = `${value}`;
  let result = "";
  for (let index = 0; index < text.length; index += 3) {
    const count = text.length - index;
    const codes = [codeAt(text, index), count > 1 ? codeAt(text, index + 1) : 0, count > 2 ? codeAt(text, index + 2) : 0];
    if (codes[0] > 255 || codes[1] > 255 || codes[2] > 255) throw new DOMException("btoa takes characters up to 255", "InvalidCharacterError");
    const group = (codes[0] << 16) | (codes[1] << 8) | codes[2];
    result += base64Alphabet[group >> 18] + base64Alphabet[(group >> 12) & 63]
      + (count > 1 ? base64Alphabet[(group >> 6) & 63] : "=") + (count > 2 ? base64Alphabet[group & 63] : "=");
  }
  return result;
});

defineGlobal("atob", function atob(value) {
  let text = `${value}`.replace(/[\t\n\f\r ]/g, "");
  if (text.length % 4 === 0) text = text.replace(/==?$/, "");
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) throw new DOMException("atob: the text is not base64", "InvalidCharacterError");
  let result = "", bits = 0, group = 0;
  for (const character of text) {
    group = ((group << 6) | base64Values[character]) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      result += fromCharCode((group >> bits) & 255);
    }
  }
  return result;
});

// The kinds that JSON payloads are made of, and dates, maps, sets, bytes and errors.
function clone(value, seen) {
  if (typeof value === "function" || typeof value === "symbol") throw new DOMException("the value cannot be cloned", "DataCloneError");
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const keep = (copy) => { seen.set(value, copy); return copy; };
  if (isArray(value)) {
    const copy = keep(new Array(value.length));
    for (const key of Object.keys(value)) copy[key] = clone(value[key], seen);
    return copy;
  }
  if (value instanceof NativeDate) return keep(new NativeDate(+value));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) {
    const buffer = clone(value.buffer, seen);
    return keep(new value.constructor(buffer, value.byteOffset, value.length ?? value.byteLength));
  }
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, item] of value) copy.set(clone(key, seen), clone(item, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const item of value) copy.add(clone(item, seen));
    return copy;
  }
  if (value instanceof NativeError) {
    const copy = keep(new NativeError(value.message));
    define(copy, "name", value.name);
    define(copy, "stack", value.stack);
    return copy;
  }
  if (value instanceof NativePromise || value instanceof WeakMap || value instanceof WeakSet) {
    throw new DOMException("the value cannot be cloned", "DataCloneError");
  }
  const copy = keep({});
  for (const key of Object.keys(value)) copy[key] = clone(value[key], seen);
  return copy;
}
defineGlobal("structuredClone", function structuredClone(value) { return clone(value, new Map()); });
