// The entries, which are what the element is: in order, in words, each with its sources, and its mark beside it.

import { make } from "./making.js";
import { mark, standing } from "./marks.js";
import { fill } from "./words.js";

// Both lists in the order of their dates, each entry with its other; what one of them lacks stands where it would.
export function together(items, others) {
  if (!others) return items.map((item) => ({ item, here: true }));
  const there = new Map(others.map((item) => [item.claim, item]));
  const here = new Set(items.map((item) => item.claim));
  const merged = items.map((item) => ({ item, here: true, other: there.get(item.claim), compared: true }));
  for (const item of others) if (!here.has(item.claim)) merged.push({ item, here: false, other: item, compared: true });
  return merged.sort((one, two) => order(one.item, two.item));
}

function order(one, two) {
  const [a, b] = [one.occurred, two.occurred];
  return (a.earliest || "").localeCompare(b.earliest || "") || (a.latest || "9").localeCompare(b.latest || "9") || one.position - two.position;
}

export function differences({ item, other, here, compared }, saying) {
  if (!compared || !here || !other) return [];
  const { words } = saying;
  const found = [];
  const look = (what, of) => {
    const [before, after] = [of(item), of(other)];
    if (before !== after) found.push([what, after || "–"]);
  };
  look(words.quantity, (one) => saying.quantity(one.quantity));
  look(words.dates, (one) => one.display_date);
  look(words.title, (one) => one.title || "");
  const stands = (one) => [one.expected ? words.expected[one.expected.status] : words.certainty[one.certainty], words.standing[one.standing], words.official[one.official_status]];
  if (stands(item).join() !== stands(other).join()) {
    const [mine, theirs] = [stands(item), stands(other)];
    found.push(["", theirs.filter((text, nth) => text !== mine[nth]).map((text) => text || "–").join(", ")]);
  }
  if (!found.length && item.event !== other.event) look(words.source, (one) => one.sources.map((source) => named(source, saying)).join("; "));
  return found;
}

export function odd(one, saying) {
  return !!one.compared && (!one.here || !one.other || differences(one, saying).length > 0);
}

// As far as an entry says it: whom it names is told by its title, until it is opened.
export function shown(one, chosen) {
  const unnamed = (item) => item && { ...item, parties: undefined };
  return chosen || !one.item.title ? one : { ...one, item: unnamed(one.item), other: unnamed(one.other) };
}

export function entry(one, context) {
  const { item, here, other, compared } = one;
  const { saying, scale, until, nowIs, reported, chosen } = context;
  const { words } = saying;
  const time = item.expected ? item.expected.status : item.certainty;
  const differing = differences(one, saying);
  const why = !compared ? undefined : !here ? missing(item, nowIs, reported, words) : !other ? (nowIs ? words.withdrawn : words.added) : undefined;
  const state = [here ? time : "ghost", item.expected && "expected", (why || differing.length) && "odd", chosen && "chosen"];
  const title = item.title || `${saying.type(item.type)}: ${item.parties.map((party) => party.label).join(", ")}`;
  const count = saying.quantity(item.quantity);
  const said = [
    make("span", { class: "type" }, saying.type(item.type)),
    count && make("span", {}, item.quantity.uncertain ? `${count} (${words.uncertain})` : count),
    here && time !== "certain" && make("span", { class: "time" }, words.expected[time] || words.certainty[time]),
    standing(item, saying),
    item.official_status && make("span", { class: "official" }, words.official[item.official_status]),
  ];
  return make(
    "li",
    { class: `entry ${state.filter(Boolean).join(" ")}`, "data-claim": item.claim, tabindex: "-1", "aria-current": chosen && "true" },
    make("p", { class: "when" }, item.display_date),
    make(
      "div",
      { class: "what" },
      why && make("p", { class: "why" }, why),
      make("p", { class: "title", lang: item.lang }, title),
      make("p", { class: "meta" }, apart(said.filter(Boolean), " · "), " — ", make("span", { class: "sources" }, apart(item.sources.map((source) => linked(source, saying)), "; "))),
      differing.map(([what, text]) => make("p", { class: "why" }, what ? (nowIs ? fill(words.now, what, text) : fill(words.was, what, text)) : nowIs ? fill(words.nowIs, text) : fill(words.wasIs, text))),
      chosen && details(item, saying),
    ),
    mark(item, scale, until),
  );
}

function apart(nodes, sign) {
  return nodes.flatMap((node, nth) => (nth ? [sign, node] : [node]));
}

function missing(item, nowIs, reported, words) {
  if (!nowIs) return words.removed;
  return reported ? words.unpublished : words.unknown;
}

function named(source, saying) {
  return `${source.publisher}${source.published ? `, ${saying.short(source.published)}` : ""}${source.via ? ` (${fill(saying.words.via, source.via)})` : ""}`;
}

function linked(source, saying) {
  const text = named(source, saying);
  return /^https?:\/\//.test(source.url || "") ? make("a", { href: source.url, rel: "noopener noreferrer" }, text) : text;
}

function details(item, saying) {
  const titles = [...new Set(item.sources.map((source) => source.title).filter(Boolean))];
  return make(
    "div",
    { class: "details" },
    item.phrase && make("p", { lang: item.lang }, fill(saying.words.said, item.phrase)),
    titles.map((title) => make("p", {}, title)),
    make("p", {}, item.parties.map((party) => `${party.label} (${party.role.replace(/_/g, " ")})`).join(" · ")),
    make("p", { class: "id" }, `${item.claim} · ${item.occurred.edtf} · ${saying.time(item.recorded_at)}`),
  );
}
