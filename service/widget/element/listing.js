// The entries, which are what the element is: in order, in words, each with its sources, and its mark beside it.

import { make } from "./making.js";
import { mark, standing } from "./marks.js";
import { fill } from "./words.js";

// A row is an item, and what the tools say of it: that it is gone here, why it stands out, and what is otherwise in it.

// As far as its entry says it: whom it names is told by its title, until it is opened.
export function shown(row, chosen) {
  return chosen || !row.item.title ? row : { ...row, item: { ...row.item, parties: undefined } };
}

export function entry({ item, gone, why, notes = [] }, { saying, scale, until, chosen, tools }) {
  const { words } = saying;
  const time = item.expected ? item.expected.status : item.certainty;
  const state = [gone ? "ghost" : time, item.expected && "expected", (why || notes[0]) && "odd", chosen && "chosen"];
  const title = item.title || `${saying.type(item.type)}: ${item.parties.map((party) => party.label).join(", ")}`;
  const count = saying.quantity(item.quantity);
  const said = [
    make("span", { class: "type" }, saying.type(item.type)),
    count && make("span", {}, item.quantity.uncertain ? `${count} (${words.uncertain})` : count),
    !gone && time !== "certain" && make("span", { class: "time" }, words.expected[time] || words.certainty[time]),
    standing(item, saying),
    item.official_status && make("span", { class: "official" }, words.official[item.official_status]),
  ];
  const sources = item.sources.map((source) => linked(source, saying));
  const noted = (text) => make("p", { class: "why" }, text);
  return make(
    "li",
    { class: `entry ${state.filter(Boolean).join(" ")}`, "data-claim": item.claim, tabindex: "-1", "aria-current": chosen && "true" },
    make("p", { class: "when" }, item.display_date),
    make(
      "div",
      { class: "what" },
      why && noted(why),
      make("p", { class: "title", lang: item.lang, dir: "auto" }, title),
      make("p", { class: "meta" }, apart(said.filter(Boolean), " · "), " — ", make("span", { class: "sources" }, apart(sources, "; "))),
      notes.map(noted),
      chosen && tools?.details(item),
    ),
    mark(item, scale, until),
  );
}

function apart(nodes, sign) {
  return nodes.flatMap((node, nth) => (nth ? [sign, node] : [node]));
}

export function named(source, saying) {
  return `${source.publisher}${source.published ? `, ${saying.short(source.published)}` : ""}${source.via ? ` (${fill(saying.words.via, source.via)})` : ""}`;
}

function linked(source, saying) {
  const text = named(source, saying);
  return /^https?:\/\//.test(source.url || "") ? make("a", { href: source.url, rel: "noopener noreferrer" }, text) : text;
}
