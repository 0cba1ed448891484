// An entry's mark on the axis of time: only between bounds that the service gave, and its precision is its shape.

import { make } from "./making.js";

export const DAY = 86_400_000;
const SIGNS = { reported: "○", confirmed: "◉", denied: "⊗", disputed: "◐" };

export const instant = (text) => Date.parse(text);

export class Scale {
  constructor(from, to) {
    this.from = from;
    this.to = Math.max(to, from + DAY);
  }

  at(time) {
    return Math.min(100, Math.max(0, ((time - this.from) / (this.to - this.from)) * 100));
  }
}

// Words never stand alone, and neither do signs.
export function standing(item, saying) {
  return make("span", { class: `standing ${item.standing}` }, make("span", { "aria-hidden": "true" }, SIGNS[item.standing]), ` ${saying.words.standing[item.standing]}`);
}

export function mark(item, scale, until) {
  const track = make("div", { class: `track ${item.standing}`, "aria-hidden": "true" });
  const part = (kind, from, to) => {
    if (to < scale.from || from > scale.to) return;
    const node = make("i", { class: kind, left: scale.at(from) });
    if (to > from) node.style.width = `max(4px, ${scale.at(to) - scale.at(from)}%)`;
    track.append(node);
  };
  const { earliest, latest } = item.occurred;
  const begins = earliest ? instant(earliest) : scale.from;
  // A day lasts until the next one; an instant does not.
  const through = latest ? instant(latest) + (latest.length > 10 ? 0 : DAY) : scale.to;
  const precise = earliest && latest && through - begins <= DAY;
  const lasting = item.ends || item.until;
  if (!precise) part(earliest ? "hatch" : "fadein", begins, through);
  if (item.ends === "open") part("solid arrow", precise ? begins : through, Math.max(until, through + DAY));
  else if (item.ends === "unknown") part("solid fadeout", precise ? begins : through, through + (scale.to - scale.from) / 6);
  else if (item.until) {
    const certain = item.until.earliest ? instant(item.until.earliest) : through;
    const over = item.until.latest ? instant(item.until.latest) : scale.to;
    if (certain > through) part("solid", precise ? begins : through, certain);
    part("hatch", Math.max(certain, through), over);
  }
  if (precise && (!lasting || !track.childElementCount)) part("dot", begins, begins);
  return track;
}
