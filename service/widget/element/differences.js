// What differs between two points: which entries, in what, and how that is said.

import { named } from "./listing.js";
import { fill } from "./words.js";

// Both lists in the order of their dates; what one of them lacks stands where it would.
export function together(items, others, told) {
  const there = new Map(others.map((item) => [item.claim, item]));
  const here = new Set(items.map((item) => item.claim));
  const rows = items.map((item) => row(item, there.get(item.claim), told));
  for (const item of others) if (!here.has(item.claim)) rows.push({ item, gone: true, why: missing(told) });
  return rows.sort((one, two) => order(one.item, two.item));
}

function order(one, two) {
  const [a, b] = [one.occurred, two.occurred];
  return (a.earliest || "").localeCompare(b.earliest || "") || (a.latest || "9").localeCompare(b.latest || "9") || one.position - two.position;
}

function row(item, other, told) {
  const { words, nowIs } = told;
  if (!other) return { item, why: nowIs ? words.withdrawn : words.added };
  const said = nowIs ? [words.now, words.nowIs] : [words.was, words.wasIs];
  return { item, notes: differences(item, other, told).map(([what, text]) => (what ? fill(said[0], what, text) : fill(said[1], text))) };
}

function missing({ words, nowIs, reported }) {
  if (!nowIs) return words.removed;
  return reported ? words.unpublished : words.unknown;
}

function differences(item, other, { saying, words }) {
  const found = [];
  const look = (what, of) => {
    const [before, after] = [of(item), of(other)];
    if (before !== after) found.push([what, after || "–"]);
  };
  look(words.quantity, (one) => saying.quantity(one.quantity));
  look(words.dates, (one) => one.display_date);
  look(words.title, (one) => one.title || "");
  const { certainty, expected, official, standing } = saying.words;
  const stands = (one) => [one.expected ? expected[one.expected.status] : certainty[one.certainty], standing[one.standing], official[one.official_status]];
  const [mine, theirs] = [stands(item), stands(other)];
  if (mine.join() !== theirs.join()) found.push(["", theirs.filter((text, nth) => text !== mine[nth]).map((text) => text || "–").join(", ")]);
  if (!found.length && item.event !== other.event) look(words.source, (one) => one.sources.map((source) => named(source, saying)).join("; "));
  return found;
}
