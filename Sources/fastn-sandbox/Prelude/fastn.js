// The runtime API of workflows: state, secrets and connectors. Every call is a host call with a journaled outcome.
// `return await`: without the await the guest's own `then` would be called.
function requireText(op, name, value) {
  if (typeof value !== "string" || value === "") throw new TypeError(`${op}: ${name} must be a text that is not empty`);
  return value;
}

function scopeOf(op, options) {
  const scope = options?.scope;
  if (scope !== undefined && scope !== "TENANT" && scope !== "INVOCATION") throw new TypeError(`${op}: scope must be "TENANT" or "INVOCATION"`);
  return scope;
}

const state = {
  async get(key, options) {
    return await invoke("state.get", { key: requireText("fastn.state.get", "key", key), scope: scopeOf("fastn.state.get", options) });
  },
  async set(key, value, options) {
    const ttl = options?.ttl;
    if (ttl !== undefined && !(typeof ttl === "number" && ttl > 0 && ttl < Infinity)) {
      throw new TypeError("fastn.state.set: ttl must be a number of seconds above 0");
    }
    const scope = scopeOf("fastn.state.set", options);
    return await invoke("state.set", { key: requireText("fastn.state.set", "key", key), value: value === undefined ? null : value, ttl, scope });
  },
  async delete(key, options) {
    return await invoke("state.delete", { key: requireText("fastn.state.delete", "key", key), scope: scopeOf("fastn.state.delete", options) });
  },
};

const secrets = {
  async get(name) { return await invoke("secrets.get", { name: requireText("fastn.secrets.get", "name", name) }); },
};

// `get(url, options)` and `get({ url, ... })` are the same.
function httpInput(target, options) {
  if (typeof target === "string" || target instanceof URL) return { url: `${target}`, ...options };
  return target;
}

// An object that answers every name with `make(name)`. `then` is missing, or awaiting it would call the host.
function open(make) {
  return new Proxy(Object.create(null), {
    get: (target, name) => (typeof name === "string" && name !== "then" && name !== "toJSON" ? make(name) : undefined),
    set: () => false,
  });
}

function connectors(settings) {
  return open((connector) => open((action) => async (first, second) => {
    const input = connector === "http" ? httpInput(first, second) : first;
    const call = { connector, action, input: input === undefined ? null : input };
    const orgId = settings?.connectors?.[connector]?.orgId;
    if (orgId !== undefined) call.orgId = orgId;
    return await invoke("connector", call);
  }));
}

class Fastn {
  constructor(settings) {
    this.state = state;
    this.secrets = secrets;
    this.connector = connectors(settings);
  }
}
defineGlobal("Fastn", Fastn);
defineGlobal("fastn", new Fastn());
