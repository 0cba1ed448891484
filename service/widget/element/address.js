// Where the reader stands, in the part of the address behind #: valid, known, reported, item.

const NAMES = ["valid", "known", "reported", "item"];
let owner;

// Only one element of a document keeps its state there: the first.
export function owns(element) {
  if (!owner || !owner.isConnected) owner = element;
  return owner === element;
}

export function stateIn(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const state = {};
  for (const name of NAMES) if (given.get(name)) state[name] = given.get(name);
  return Object.keys(state).length ? state : undefined;
}

export function hashOf(state) {
  const said = NAMES.filter((name) => state[name]).map((name) => `${name}=${encodeURIComponent(state[name])}`);
  return said.length ? `#${said.join("&").replace(/%3A/g, ":")}` : "";
}
