// What is so at the point, in figures; with what differs at the other point.

import { make, put } from "./making.js";
import { fill } from "./words.js";

const MOST = 8;
const LISTED = ["orders", "agreements", "negotiations", "programmes", "training"];

// `told`: how it is said, and whether it is beside what is known now.
export function glance(said, other, told, kept) {
  const { nowIs, saying, words } = told;
  // What differs in nothing is not made again.
  const each = (found, one) => found.map((line) => kept.of([line, nowIs, saying.lang], () => one(line, told)));
  const group = (label, nodes) => grouped(kept, label, nodes);
  const held = merged(said.held, other?.held, (line) => `${line.actor} ${line.platform}`);
  const actors = [...new Set([...said.members.map((member) => member.actor), ...held.map(({ line }) => line.actor)])];
  const groups = actors.map((actor) => {
    const theirs = held.filter(({ line }) => line.actor === actor);
    return theirs.length > 0 && group(fill(words.holds, theirs[0].line.actor_label), each(theirs.slice(0, MOST), figure));
  });
  const plants = merged(said.facilities, other?.facilities, (line) => line.facility);
  if (plants.length) groups.push(group(words.facilities, each(plants, facility)));
  const others = rest(said, told);
  return [...groups.filter(Boolean), kept.of(others, () => make("p", { class: "rest" }, others))];
}

// The lines of both, in the order of the other, each with the one beside it.
function merged(lines, others, key) {
  const here = new Map(lines.map((line) => [key(line), line]));
  const there = new Map((others || []).map((line) => [key(line), line]));
  const keys = new Set([...there.keys(), ...here.keys()]);
  return [...keys].map((one) => ({ line: here.get(one) || there.get(one), other: there.get(one), here: here.has(one), compared: !!others }));
}

function grouped(kept, label, figures) {
  const node = kept.of(["group", label], () => make("div", { class: "group" }, make("p", { class: "caption" }, label), make("ul", { class: "figures" })));
  put(node.lastChild, figures);
  return node;
}

function figure({ line, other, here, compared }, { nowIs, saying, words }) {
  const { certainty } = saying.words;
  const number = (one) => saying.quantity(one.quantity) || words.held;
  const before = compared && other && here && number(other) !== number(line) ? number(other) : undefined;
  const odd = compared && (!here || !other || before);
  return make(
    "li",
    { class: `figure ${here ? line.certainty : "ghost"} ${odd ? "odd" : ""}` },
    make("span", { class: "number" }, here ? number(line) : "–", line.quantity?.uncertain && here && make("sup", { title: saying.words.uncertain }, "?")),
    make("span", { class: "label" }, line.label),
    notes(here && line.certainty !== "certain" && certainty[line.certainty]),
    odd && make("span", { class: "note why" }, difference(here, other && (before || (!here && number(other))), nowIs, words)),
  );
}

function facility({ line, other, here, compared }, { nowIs, saying, words }) {
  const { certainty } = saying.words;
  const stage = (one) => words.stages[one.stage];
  const odd = compared && (!here || !other || stage(line) !== stage(other));
  const official = line.official_status && saying.words.official[line.official_status];
  const standing = line.standing !== "reported" && saying.words.standing[line.standing];
  return make(
    "li",
    { class: `figure wide ${here ? line.certainty : "ghost"} ${odd ? "odd" : ""}` },
    make("span", { class: "number word" }, here ? stage(line) : "–"),
    make("span", { class: "label" }, line.label),
    notes(here && line.certainty !== "certain" && certainty[line.certainty], here && (standing || official)),
    odd && make("span", { class: "note why" }, difference(here, other && stage(other), nowIs, words)),
  );
}

function difference(here, text, nowIs, words) {
  if (text) return nowIs ? fill(words.nowIs, text) : fill(words.wasIs, text);
  return here && (nowIs ? words.withdrawn : words.added);
}

function notes(...said) {
  return said.filter(Boolean).map((text) => make("span", { class: "note" }, text));
}

function rest(said, { words }) {
  const { phase } = said;
  const since = phase.since && /^\d{4}/.exec(phase.since.edtf);
  const found = [`${words.phase[phase.name]}${since ? ` ${fill(words.since, since[0])}` : ""}`];
  if (phase.prospective) found.push(fill(words.prospect, words.phase[phase.prospective.name]));
  for (const list of LISTED) if (said.lines[list]) found.push(fill(words.lists[list], said.lines[list]));
  return found.join(" · ");
}
