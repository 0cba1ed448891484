// The ticks below a slider, one for each of its stops, with as many labels as have room.

import { make } from "./making.js";

const MOST_TICKS = 160;

export function draw(axis) {
  const last = Math.max(1, axis.stops.length - 1);
  const room = axis.slider.clientWidth || 320;
  const wide = (text) => (text.length * 7 + 12) / room;
  const end = axis.now / last;
  const half = wide(axis.saying.words.now_) / 2;
  const within = (at, width) => Math.min(1 - width / 2, Math.max(width / 2, at));
  // What is now is always said.
  const now = within(end, 2 * half);
  let free = -1;
  let said;
  const nodes = axis.stops.map(({ at }, nth) => {
    const node = make("i", { class: nth === axis.now && "now", left: (100 * nth) / last });
    const text = nth === axis.now ? axis.saying.words.now_ : axis.name === "valid" ? at.slice(0, 4) : axis.saying.short(at);
    const width = wide(text);
    const centre = within(nth / last, width);
    const clear = nth === axis.now || centre + width / 2 <= now - half || centre - width / 2 >= now + half;
    if (clear && centre - width / 2 > free - 0.001 && text !== said) {
      const label = make("b", {}, text);
      label.style.left = `${100 * (centre - nth / last)}cqw`;
      node.append(label);
      said = text;
      free = centre + width / 2;
    }
    return node;
  });
  axis.ticks.replaceChildren(...(nodes.length > MOST_TICKS ? nodes.filter((node) => node.firstChild || node.className) : nodes));
}
