// Elements made one by one, text being only ever text; and how those stay that need not be made again.

// What is false or undefined is left out, of the attributes and of the children; numbers are percentages of style.
export function make(tag, given, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given || {})) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (typeof value === "number") node.style[name] = `${value}%`;
    else if (value || value === "") node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child || child === ""));
  return node;
}

const sheets = new Map();

export function sheetOf(css) {
  if (!sheets.has(css)) {
    sheets.set(css, new CSSStyleSheet());
    sheets.get(css).replaceSync(css);
  }
  return sheets.get(css);
}

// These nodes and no others, touching only what is not in its place.
export function put(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, nth) => list.children[nth] !== node && list.insertBefore(node, list.children[nth] || null));
}

// What reads as it did one turn before stays the node that it was.
export class Kept {
  before = new Map();
  now = new Map();

  turn() {
    this.before = this.now;
    this.now = new Map();
  }

  of(said, made) {
    const key = JSON.stringify(said);
    const node = this.before.get(key) || made();
    this.now.set(key, node);
    return node;
  }
}
