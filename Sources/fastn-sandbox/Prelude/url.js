// URL for the schemes of the web (http, https, ws, wss). Source: WHATWG URL standard, sections 4 and 6.
const defaultPorts = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443" };
const encodeURIText = encodeURIComponent;

// Percent-encodes, as UTF-8, what is not printable ASCII and what `reserved` matches.
function percentEncode(text, reserved) {
  let result = "";
  for (const character of apply(toWellFormed, text, [])) {
    if (character > "~") result += encodeURIText(character);
    else if (character < "!" || reserved.test(character)) result += `%${codeAt(character, 0).toString(16).toUpperCase().padStart(2, "0")}`;
    else result += character;
  }
  return result.replaceAll("\x7f", "%7F");
}
const fragmentSet = /["<>`]/, querySet = /["#<>']/, pathSet = /["#<>?`{}^]/, userinfoSet = /["#<>?`{}/:;=@[\\\]^|]/;

function percentDecode(text) {
  if (!text.includes("%")) return text;
  const bytes = utf8Bytes(text), result = [];
  for (let index = 0; index < bytes.length; index += 1) {
    const pair = bytes[index] === 0x25 ? fromCharCode(bytes[index + 1] ?? 0, bytes[index + 2] ?? 0) : "";
    if (/^[0-9a-f]{2}$/i.test(pair)) {
      result.push(parseInt(pair, 16));
      index += 2;
    } else {
      result.push(bytes[index]);
    }
  }
  return utf8Text(result, () => "\ufffd");
}

const invalidURL = (text) => new TypeError(`"${cut(`${text}`, 200)}" is not a valid URL`);

// 127.1, 0x7f000001 and 2130706433 are one address; undefined if the host is a name.
function parseIPv4(host, text) {
  const parts = host.endsWith(".") ? host.slice(0, -1).split(".") : host.split(".");
  if (!/^(\d+|0x[0-9a-f]*)$/i.test(parts[parts.length - 1])) return undefined;
  const numbers = parts.map((part) => {
    if (/^0x[0-9a-f]*$/i.test(part)) return part.length === 2 ? 0 : parseInt(part, 16);
    if (/^0[0-7]*$/.test(part)) return part === "0" ? 0 : parseInt(part, 8);
    if (/^[1-9]\d*$/.test(part)) return parseInt(part, 10);
    throw invalidURL(text);
  });
  const last = numbers.pop();
  if (numbers.length > 3 || numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) throw invalidURL(text);
  const address = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return [24, 16, 8, 0].map((shift) => floor(address / 2 ** shift) % 256).join(".");
}

function parseIPv6(text, whole) {
  const sides = text.split("::");
  if (sides.length > 2) throw invalidURL(whole);
  const words = sides.map((side) => (side === "" ? [] : side.split(":").flatMap((part) => {
    if (/^[0-9a-f]{1,4}$/i.test(part)) return [parseInt(part, 16)];
    const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part)?.slice(1).map(Number);
    if (bytes === undefined || bytes.some((byte) => byte > 255)) throw invalidURL(whole);
    return [bytes[0] * 256 + bytes[1], bytes[2] * 256 + bytes[3]];
  })));
  const count = words.reduce((sum, side) => sum + side.length, 0);
  if (sides.length === 1 ? count !== 8 : count > 7) throw invalidURL(whole);
  const all = sides.length === 1 ? words[0] : [...words[0], ...new Array(8 - count).fill(0), ...words[1]];
  const pattern = all.map((word) => (word === 0 ? "0" : "x")).join("");
  const zeros = (pattern.match(/00+/g) ?? []).reduce((best, run) => (run.length > best.length ? run : best), "");
  const from = zeros === "" ? -1 : pattern.indexOf(zeros);
  const show = (part) => part.map((word) => word.toString(16)).join(":");
  return from < 0 ? `[${show(all)}]` : `[${show(all.slice(0, from))}::${show(all.slice(from + zeros.length))}]`;
}

function parseHost(text, whole) {
  if (text.startsWith("[")) {
    if (!text.endsWith("]")) throw invalidURL(whole);
    return parseIPv6(text.slice(1, -1), whole);
  }
  const host = percentDecode(text).toLowerCase();
  if (/[^\x00-\x7f]/.test(host)) throw new TypeError(`international host names must be written in their xn-- form: "${cut(host, 200)}"`);
  if (host === "" || /[\x00-\x20#%/:<>?@[\\\]^|\x7f]/.test(host)) throw invalidURL(whole);
  return parseIPv4(host, whole) ?? host;
}

function parseAuthority(parts, text, whole) {
  const at = text.lastIndexOf("@");
  const userinfo = at < 0 ? "" : text.slice(0, at);
  const colon = userinfo.indexOf(":");
  parts.username = percentEncode(colon < 0 ? userinfo : userinfo.slice(0, colon), userinfoSet);
  parts.password = colon < 0 ? "" : percentEncode(userinfo.slice(colon + 1), userinfoSet);
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text.slice(at + 1));
  if (match === null || Number(match[2] ?? 0) > 65535) throw invalidURL(whole);
  parts.hostname = parseHost(match[1], whole);
  const port = match[2] === undefined || match[2] === "" ? "" : `${Number(match[2])}`;
  parts.port = port === defaultPorts[parts.protocol] ? "" : port;
}

function resolvePath(segments) {
  const result = [];
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1;
    const plain = segment.replace(/%2e/gi, ".");
    if (plain === "..") {
      result.pop();
      if (last) result.push("");
    } else if (plain !== ".") {
      result.push(percentEncode(segment, pathSet));
    } else if (last) {
      result.push("");
    }
  });
  return `/${result.join("/")}`;
}

function parseURL(value, base) {
  const whole = `${value}`;
  const text = whole.replace(/^[\x00-\x20]+|[\x00-\x20]+$/g, "").replace(/[\t\n\r]/g, "");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text);
  let [, rest, query, fragment] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(scheme === null ? text : text.slice(scheme[0].length));
  const parts = { protocol: "", username: "", password: "", hostname: "", port: "", pathname: "/", search: "", hash: "" };
  parts.hash = fragment === undefined ? "" : `#${percentEncode(fragment.slice(1), fragmentSet)}`;
  parts.search = query === undefined ? "" : `?${percentEncode(query.slice(1), querySet)}`;
  parts.protocol = scheme === null ? base?.protocol : scheme[0].toLowerCase();
  if (parts.protocol === undefined) throw invalidURL(whole);
  if (defaultPorts[parts.protocol] === undefined) throw new TypeError(`URL knows http, https, ws and wss, not "${parts.protocol}"`);
  rest = rest.replaceAll("\\", "/");
  const relative = base !== undefined && base.protocol === parts.protocol && !rest.startsWith("//");
  if (!relative) {
    const [, authority, path] = /^\/*([^/]*)([^]*)$/.exec(rest);
    parseAuthority(parts, authority, whole);
    parts.pathname = resolvePath(path.slice(1).split("/"));
    return parts;
  }
  const { username, password, hostname, port } = base;
  Object.assign(parts, { username, password, hostname, port });
  if (rest === "") {
    parts.pathname = base.pathname;
    if (query === undefined) parts.search = base.search;
  } else if (rest.startsWith("/")) {
    parts.pathname = resolvePath(rest.slice(1).split("/"));
  } else {
    parts.pathname = resolvePath([...base.pathname.slice(1).split("/").slice(0, -1), ...rest.split("/")]);
  }
  return parts;
}
