// The classes URL and URLSearchParams over the parser. Source: WHATWG URL standard, sections 5 and 6.
const formEncode = (text) => encodeURIText(apply(toWellFormed, `${text}`, []))
  .replace(/%20/g, "+").replace(/[!'()~]/g, (character) => `%${codeAt(character, 0).toString(16).toUpperCase()}`);
const formDecode = (text) => percentDecode(text.replaceAll("+", " "));

class URLSearchParams {
  #list = [];
  #changed = () => {};
  constructor(source = "", changed) {
    if (typeof changed === "function") this.#changed = changed;
    if (typeof source === "object" && source !== null) {
      const pairs = typeof source[Symbol.iterator] === "function" ? source : Object.entries(source);
      for (const pair of pairs) {
        const [name, value, ...more] = pair;
        if (value === undefined || more.length > 0) throw new TypeError("URLSearchParams needs pairs of name and value");
        this.#list.push([`${name}`, `${value}`]);
      }
      return;
    }
    for (const part of `${source}`.replace(/^\?/, "").split("&")) {
      if (part === "") continue;
      const equals = part.indexOf("=");
      this.#list.push(equals < 0 ? [formDecode(part), ""] : [formDecode(part.slice(0, equals)), formDecode(part.slice(equals + 1))]);
    }
  }
  get size() { return this.#list.length; }
  append(name, value) { this.#list.push([`${name}`, `${value}`]); this.#changed(); }
  delete(name, value) {
    this.#list = this.#list.filter((pair) => pair[0] !== `${name}` || (value !== undefined && pair[1] !== `${value}`));
    this.#changed();
  }
  get(name) { return this.#list.find((pair) => pair[0] === `${name}`)?.[1] ?? null; }
  getAll(name) { return this.#list.filter((pair) => pair[0] === `${name}`).map((pair) => pair[1]); }
  has(name, value) { return this.#list.some((pair) => pair[0] === `${name}` && (value === undefined || pair[1] === `${value}`)); }
  set(name, value) {
    const first = this.#list.find((pair) => pair[0] === `${name}`);
    if (first === undefined) this.#list.push([`${name}`, `${value}`]);
    else {
      first[1] = `${value}`;
      this.#list = this.#list.filter((pair) => pair === first || pair[0] !== `${name}`);
    }
    this.#changed();
  }
  sort() { this.#list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)); this.#changed(); }
  forEach(callback, thisArgument) { for (const [name, value] of this.#list) apply(callback, thisArgument, [value, name, this]); }
  *entries() { for (const [name, value] of this.#list) yield [name, value]; }
  *keys() { for (const [name] of this.#list) yield name; }
  *values() { for (const [, value] of this.#list) yield value; }
  [Symbol.iterator]() { return this.entries(); }
  toString() { return this.#list.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join("&"); }
}
defineGlobal("URLSearchParams", URLSearchParams);

class URL {
  #parts;
  #searchParams;
  constructor(value, base) { this.#parts = parseURL(value, base === undefined ? undefined : parseURL(base)); }
  static canParse(value, base) {
    try {
      return new URL(value, base) !== undefined;
    } catch {
      return false;
    }
  }
  static parse(value, base) { return URL.canParse(value, base) ? new URL(value, base) : null; }

  // A change is parsed as part of a whole, so that every rule holds for it too; what does not fit changes nothing, as the standard says.
  #change(changes) {
    const { protocol, username, password, hostname, port, pathname, search, hash } = { ...this.#parts, ...changes };
    const userinfo = username === "" && password === "" ? "" : `${username}${password === "" ? "" : `:${password}`}@`;
    try {
      this.#parts = parseURL(`${protocol}//${userinfo}${hostname}${port === "" ? "" : `:${port}`}${pathname}${search}${hash}`);
    } catch {}
  }
  get href() {
    const { protocol, username, password, pathname, search, hash } = this.#parts;
    const userinfo = username === "" && password === "" ? "" : `${username}${password === "" ? "" : `:${password}`}@`;
    return `${protocol}//${userinfo}${this.host}${pathname}${search}${hash}`;
  }
  set href(value) { this.#parts = parseURL(value); this.#searchParams = undefined; }
  get origin() { return `${this.#parts.protocol}//${this.host}`; }
  get protocol() { return this.#parts.protocol; }
  set protocol(value) { this.#change({ protocol: `${value}`.replace(/:.*$/, "").toLowerCase() + ":" }); }
  get username() { return this.#parts.username; }
  set username(value) { this.#change({ username: percentEncode(`${value}`, userinfoSet) }); }
  get password() { return this.#parts.password; }
  set password(value) { this.#change({ password: percentEncode(`${value}`, userinfoSet) }); }
  get host() { return this.#parts.port === "" ? this.#parts.hostname : `${this.#parts.hostname}:${this.#parts.port}`; }
  set host(value) {
    const match = /^(\[[^\]]*\]|[^:/?#\\@]*)(?::(\d*))?/.exec(`${value}`);
    this.#change(match[2] === undefined ? { hostname: match[1] } : { hostname: match[1], port: match[2] });
  }
  get hostname() { return this.#parts.hostname; }
  set hostname(value) { if (!/[/?#\\@]/.test(`${value}`)) this.#change({ hostname: `${value}` }); }
  get port() { return this.#parts.port; }
  set port(value) { if (/^\d*$/.test(`${value}`)) this.#change({ port: `${value}` }); }
  get pathname() { return this.#parts.pathname; }
  set pathname(value) {
    const path = `${value}`.replace(/[?#]/g, (character) => (character === "?" ? "%3F" : "%23"));
    this.#change({ pathname: /^[/\\]/.test(path) ? path : `/${path}` });
  }
  get search() { return this.#parts.search === "?" ? "" : this.#parts.search; }
  set search(value) { this.#setSearch(`${value}`.replace(/^\?/, "")); this.#searchParams = undefined; }
  #setSearch(text) { this.#parts.search = text === "" ? "" : `?${percentEncode(text, querySet)}`; }
  get searchParams() {
    this.#searchParams ??= new URLSearchParams(this.#parts.search, () => this.#setSearch(this.#searchParams.toString()));
    return this.#searchParams;
  }
  get hash() { return this.#parts.hash === "#" ? "" : this.#parts.hash; }
  set hash(value) {
    const text = `${value}`.replace(/^#/, "");
    this.#parts.hash = text === "" ? "" : `#${percentEncode(text, fragmentSet)}`;
  }
  toString() { return this.href; }
  toJSON() { return this.href; }
}
defineGlobal("URL", URL);
