// <tarih-timeline src="…/relationships/pak--tur">: a relationship as of a day, as it was known on another.

import { hashOf, owns, stateIn } from "./address.js";
import { Asker, Refused } from "./asking.js";
import { entry, shown } from "./listing.js";
import { toolsOf } from "./later.js";
import { Kept, make, put, sheetOf } from "./making.js";
import { DAY, instant, Scale } from "./marks.js";
import { Axis } from "./sliders.js";
import { STYLE } from "./style.js";
import { fill, learn, Saying } from "./words.js";

const FEW = 200;
const A_PAGE = 40;
// Milliseconds: until the sentence no longer waits for the answer; until the address says where a slider came to rest.
const LATE = 80;
const RARELY = 300;

class TarihTimeline extends HTMLElement {
  static observedAttributes = ["src", "lang", "valid-at", "known-at", "reported-by"];

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).append(make("slot"));
    this.shadowRoot.adoptedStyleSheets = [sheetOf(STYLE)];
    this.shadowRoot.addEventListener("keydown", (event) => this.pressed(event));
    this.followHash = () => owns(this) && this.go(stateIn(location.hash) || this.given());
  }

  connectedCallback() {
    addEventListener("hashchange", this.followHash);
    this.soon();
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.followHash);
    this.leave();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.soon();
  }

  // Several attributes may be set one after another.
  soon() {
    this.starting ??= Promise.resolve().then(() => {
      this.starting = undefined;
      if (this.isConnected) this.start();
    });
  }

  given() {
    const given = (name) => this.getAttribute(name) || undefined;
    return { valid: given("valid-at"), known: given("known-at"), reported: given("reported-by") };
  }

  leave() {
    this.waiting?.abort();
    clearTimeout(this.late);
    clearTimeout(this.keeping);
    this.tools?.leave();
    this.tools = this.late = undefined;
  }

  async start() {
    const src = this.getAttribute("src");
    if (!src) return;
    const turn = (this.turn = (this.turn || 0) + 1);
    this.leave();
    this.updating = undefined;
    const lang = this.getAttribute("lang") || document.documentElement.lang || "en";
    this.waiting = new AbortController();
    this.asker = new Asker(src, this.waiting.signal);
    this.filters = {};
    this.range = this.said = undefined;
    this.state = (owns(this) && stateIn(location.hash)) || this.given();
    const equipping = toolsOf();
    const learning = learn(lang);
    const outline = await this.asker.ask(this.asker.address("/outline", { lang })).catch((error) => error);
    const learned = await learning;
    if (turn !== this.turn || outline.name === "AbortError") return;
    this.saying = new Saying(lang);
    if (outline instanceof Error) return this.fail(outline);
    this.outline = outline;
    this.build();
    this.arrange();
    this.update();
    this.equip(turn, await equipping, learned);
  }

  // What is not needed for the list and its sliders; without it they say so.
  equip(turn, Tools, learned) {
    if (turn !== this.turn) return;
    this.whole.dataset.tools = Tools ? "here" : "missing";
    if (!Tools || !learned) this.places.tools.append(make("p", { class: "partly", role: "status" }, this.saying.words.partly, " ", this.again()));
    if (!Tools) return;
    this.tools = new Tools(this);
    this.tools.arrange();
    this.update();
  }

  again() {
    return make("button", { type: "button", click: () => this.start() }, this.saying.words.again);
  }

  fail(error) {
    if (!(error instanceof Refused)) throw error;
    this.turn += 1;
    this.leave();
    const { words } = this.saying;
    const gone = error.status === 404;
    this.shadowRoot.replaceChildren(make("p", { class: "fault", role: "alert" }, gone ? words.gone : words.failed, " ", !gone && this.again()));
  }

  // ---- What there is to see, made once; the tools have their places in it.

  build() {
    const { saying } = this;
    const { words } = saying;
    const move = (name) => (value, sliding) => {
      const axis = this.axes[name];
      this.last = { name, way: axis.index(value) < axis.index(this.state[name]) ? -1 : 1 };
      this.go({ ...this.state, [name]: value }, sliding);
    };
    const axes = ["valid", "reported", "known"].map((name) => [name, new Axis(name, saying, move(name))]);
    const place = (name) => make("div", { class: name });
    this.axes = Object.fromEntries(axes);
    this.places = { tools: place("tools"), glance: place("glance"), bar: place("bar"), legend: place("legends") };
    this.sentence = make("p", { class: "sentence" });
    this.spoken = make("p", { class: "spoken", role: "status" });
    this.ruler = make("div", { class: "ruler", "aria-hidden": "true" });
    this.list = this.ordered(words.timeline);
    this.expected = make("section", { class: "expectations" });
    this.more = make("button", { type: "button", class: "more", hidden: true, click: () => this.further() }, words.more);
    this.kept = new Kept();
    const head = make("div", { class: "head" }, this.sentence, make("div", { class: "axes" }, axes.map(([, axis]) => axis.node)));
    this.whole = make("div", { class: "whole" }, head, this.places.tools, this.spoken, this.places.glance, this.places.bar, this.ruler, this.list, this.more, this.expected, this.places.legend);
    this.shadowRoot.replaceChildren(this.whole);
  }

  ordered(label, nodes) {
    return make("ol", { class: "list", "aria-label": label, click: (event) => this.clicked(event) }, nodes || []);
  }

  // Which axes there are to move along, and where they stop.
  arrange() {
    const { known, reported } = this.outline.axes;
    const today = new Date().toISOString().slice(0, 10);
    for (const [name, axis] of Object.entries(this.axes)) axis.set(this.outline.axes[name].points, today);
    this.both = reported.points.length > 0 && known.points.length > 1;
    this.turnTo((this.both && this.state.known && !this.state.reported) || !reported.points.length ? "known" : "reported");
    this.tools?.arrange();
  }

  turnTo(knowing) {
    this.knowing = knowing;
    for (const name of ["reported", "known"]) this.axes[name].node.hidden = name !== knowing;
  }

  // ---- Where the reader stands.

  go(state, sliding) {
    this.state = state;
    this.keep(sliding);
    if (!this.axes) return;
    this.tools?.follow();
    return this.update();
  }

  // In the address, which browsers let nobody change at every step of a hand that slides.
  keep(sliding) {
    clearTimeout(this.keeping);
    if (sliding) this.keeping = setTimeout(() => this.keep(), RARELY);
    else if (owns(this)) history.replaceState(history.state, "", location.pathname + location.search + hashOf(this.state));
  }

  get point() {
    const { valid, known, reported } = this.state;
    const position = /^\d+$/.test(known || "") ? known : undefined;
    return { valid_at: valid, known_position: position, known_at: position ? undefined : known, reported_by: reported };
  }

  // ---- Answers.

  questions(point) {
    const lang = this.saying.lang === "en" ? undefined : this.saying.lang;
    const day = (time) => new Date(time).toISOString().slice(0, 10);
    const range = this.range && { from: day(this.range.from), to: day(this.range.to - 1) };
    const limit = this.outline.claims > FEW ? A_PAGE : FEW;
    return [this.asker.address("/glance", { ...point, lang }), this.asker.address("/timeline", { ...point, ...this.filters, ...range, limit, lang })];
  }

  // One question is out at a time: what is wanted last meanwhile is asked next, and what that overtakes never is.
  update() {
    this.wanted = true;
    this.whole.setAttribute("aria-busy", "true");
    // The sentence comes with the answer, unless that is long in coming: one picture is drawn sooner than two.
    this.late ??= setTimeout(() => this.say(), LATE);
    if (!this.updating) {
      const updating = this.answered().finally(() => this.updating === updating && (this.updating = undefined));
      this.updating = updating;
    }
    return this.updating;
  }

  async answered() {
    const { turn } = this;
    while (this.wanted) {
      this.wanted = false;
      try {
        const { point } = this;
        const other = await this.tools?.other();
        const answers = [point, other].flatMap((one) => (one ? this.questions(one).map((address) => this.asker.ask(address)) : []));
        const [said, page, there, beside] = await Promise.all(answers);
        if (turn !== this.turn) return;
        Object.assign(this, { said, there, pages: [page], others: beside && [beside] });
        this.render();
        const detail = { point, between: this.tools?.between(point, other), as_of: said.as_of, addresses: this.questions(point) };
        this.dispatchEvent(new CustomEvent("tarih-change", { bubbles: true, composed: true, detail }));
      } catch (error) {
        if (turn !== this.turn || error.name === "AbortError") return;
        if (!this.wanted) return this.fail(error);
      }
    }
    this.whole.removeAttribute("aria-busy");
    this.tools?.rested();
  }

  async further() {
    const { pages } = this;
    const asked = [pages, this.others].map((some) => some?.at(-1).next && this.asker.ask(some.at(-1).next));
    const [next, beside] = await Promise.all(asked);
    if (pages !== this.pages) return;
    const first = this.list.childElementCount;
    if (next) pages.push(next);
    if (beside) this.others.push(beside);
    this.render();
    this.list.children[first]?.focus();
  }

  // ---- What is seen.

  say() {
    clearTimeout(this.late);
    this.late = undefined;
    const { saying, state, axes } = this;
    const { words } = saying;
    const at = this.said?.as_of;
    const today = new Date().toISOString().slice(0, 10);
    const valid = state.valid || (state.known && at?.known_at ? at.valid_at : today);
    const known = /^\d+$/.test(state.known || "") ? at?.known_at || today : state.known;
    const [validDay, reportedDay, knownDay] = [saying.day(valid), state.reported && saying.day(state.reported), known && saying.time(known)];
    const strong = (text, kind, day) => fill(text, "\n").split("\n").flatMap((part, nth) => (nth ? [make("b", { class: kind }, day), part] : [part]));
    const told = [strong(state.valid || state.known ? words.asOf : words.today, "valid", validDay)];
    if (reportedDay) told.push(strong(words.publishedBy, "knowing", reportedDay));
    if (knownDay) told.push(strong(words.recordedBy, "knowing", knownDay));
    if (told.length < 2) told.push([make("span", { class: "so-far" }, words.publishedSoFar)]);
    const sentence = make("p", {}, told.flatMap((parts, nth) => (nth ? [", ", ...parts] : parts)), ".");
    if (sentence.textContent !== this.sentence.textContent) this.sentence.replaceChildren(...sentence.childNodes);
    axes.valid.show(state.valid, validDay, valid.slice(0, 10));
    axes.reported.show(state.reported, reportedDay || words.publishedSoFar, state.reported || today);
    axes.known.show(known, knownDay || words.now_, (known || today).slice(0, 10));
    this.tools?.say();
  }

  render() {
    const { saying, said, tools } = this;
    const { words } = saying;
    const at = said.as_of;
    this.say();
    this.kept.turn();
    tools?.render();
    const items = this.pages.flatMap((page) => page.items);
    const rows = tools ? tools.rows(items) : items.map((item) => ({ item }));
    const scale = this.scale();
    const until = Math.min(Math.ceil(instant(at.known_at || at.valid_at) / DAY) * DAY, scale.to);
    // What reads as before stays as it is.
    const made = (row) => {
      const chosen = row.item.claim === this.state.item;
      return this.kept.of([shown(row, chosen), chosen, !tools, scale, until, saying.lang], () => entry(row, { saying, scale, until, chosen, tools }));
    };
    const divider = (text) => make("li", { class: "divider" }, text);
    const happened = rows.filter(({ item }) => !item.expected);
    const expected = rows.filter(({ item }) => item.expected);
    const ahead = happened.findIndex(({ item, gone }) => !gone && item.certainty === "not-yet");
    const nodes = happened.map(made);
    if (ahead >= 0) nodes.splice(ahead, 0, divider(fill(words.after, saying.day(at.valid_at))));
    if (!happened.length) nodes.push(divider(said.known ? words.nothingHere : words.nothing));
    const focused = this.shadowRoot.activeElement?.dataset?.claim;
    put(this.list, nodes);
    this.expected.replaceChildren(...(expected.length ? [make("p", { class: "heading" }, words.expectations), this.ordered(words.expectations, expected.map(made))] : []));
    this.more.hidden = !this.pages.at(-1).next;
    this.place(scale, at);
    tools?.place(scale);
    const { entries } = this;
    const reached = entries.find((node) => node.dataset.claim === (focused || this.state.item)) || entries[0];
    for (const node of entries) if ((node === reached) !== !node.tabIndex) node.tabIndex = node === reached ? 0 : -1;
    if (focused && reached?.dataset.claim === focused) reached.focus();
    clearTimeout(this.telling);
    const differing = tools?.differing(rows);
    this.spoken.classList.toggle("shown", !!differing);
    this.telling = setTimeout(() => (this.spoken.textContent = differing || fill(words.entries, rows.length)), differing ? 0 : 600);
  }

  scale() {
    if (this.range) return new Scale(this.range.from, this.range.to);
    const { earliest, latest } = this.outline;
    // To the day: what is drawn on it stays as it is until tomorrow.
    const today = Math.ceil(Date.now() / DAY) * DAY;
    const from = earliest ? instant(earliest) : today - DAY;
    const to = Math.max(latest ? instant(latest) + DAY : today, today);
    const room = (to - from) / 30 + DAY;
    return new Scale(from - room, to + room);
  }

  place(scale, at) {
    const x = (text) => (!text || instant(text) < scale.from || instant(text) > scale.to ? "-9%" : `${scale.at(instant(text))}%`);
    // On each track, as what is set above all of them would have all of them looked at again.
    const lines = { "--valid": x(at.valid_at), "--reported": x(at.reported_by) };
    for (const { style } of this.shadowRoot.querySelectorAll(".entry .track")) {
      for (const [name, value] of Object.entries(lines)) if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    }
  }

  // ---- Hands on the keyboard, or on the mouse.

  get entries() {
    return [...this.shadowRoot.querySelectorAll(".entry")];
  }

  clicked(event) {
    const node = event.target.closest(".entry");
    if (node && !event.target.closest("a")) this.choose(node);
  }

  choose(node) {
    const { claim } = node.dataset;
    this.reach(node);
    this.go({ ...this.state, item: claim === this.state.item ? undefined : claim });
  }

  reach(node) {
    for (const one of this.entries) one.tabIndex = -1;
    node.tabIndex = 0;
    node.focus();
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, target } = event;
    const { entries } = this;
    const here = entries.indexOf(target);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: entries.length - 1 }[key];
    if (here >= 0 && to !== undefined) {
      if (entries[to]) this.reach(entries[to]);
    } else if (here >= 0 && (key === "Enter" || key === " ")) this.choose(target);
    else if (!this.tools?.pressed(key, target)) return;
    event.preventDefault();
  }
}

if (!customElements.get("tarih-timeline")) customElements.define("tarih-timeline", TarihTimeline);
