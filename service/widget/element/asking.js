// Questions to the service: none asked twice, and none waited for once nobody looks any more.

const KEPT = 300;

export class Refused extends Error {
  constructor(status) {
    super(`status ${status}`);
    this.status = status;
  }
}

export class Asker {
  constructor(src, signal) {
    const base = new URL(src, document.baseURI);
    this.base = base.origin + base.pathname.replace(/\/+$/, "");
    this.signal = signal;
    this.kept = new Map();
    this.out = new Map();
  }

  address(path, parameters) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
    const text = query.toString().replace(/%3A/g, ":").replace(/%2C/g, ",");
    return `${this.base}${path}${text ? `?${text}` : ""}`;
  }

  // The answer at an address: one that is kept as a value, any other as a promise.
  ask(address) {
    const kept = this.kept.get(address);
    if (kept) {
      this.kept.delete(address);
      this.kept.set(address, kept);
      return kept;
    }
    if (!this.out.has(address)) this.out.set(address, this.fetch(address).finally(() => this.out.delete(address)));
    return this.out.get(address);
  }

  async fetch(address) {
    const answer = await fetch(address, { signal: this.signal, headers: { Accept: "application/json" }, credentials: "omit" }).catch((error) => {
      throw error.name === "AbortError" ? error : new Refused(0);
    });
    if (!answer.ok) throw new Refused(answer.status);
    const said = await answer.json();
    this.kept.set(address, said);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    return said;
  }

  forget() {
    this.kept.clear();
    this.out.clear();
  }
}
