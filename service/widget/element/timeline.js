// <tarih-timeline src="…/relationships/pak--tur">: a relationship as of a day, as it was known on another.

import { hashOf, owns, stateIn } from "./address.js";
import { Asker, Refused } from "./asking.js";
import { glance } from "./glance.js";
import { entry, odd, shown, together } from "./listing.js";
import { Kept, make, put } from "./making.js";
import { instant, Scale } from "./marks.js";
import { Axis } from "./sliders.js";
import { sheet } from "./style.js";
import { fill, Saying } from "./words.js";

const FEW = 200;
const A_PAGE = 40;
const FACETS = ["type", "actor", "platform"];
const DAY_LONG = 86_400_000;
// Milliseconds: until the sentence no longer waits for the answer, and until the address says where a slider came to rest.
const LATE = 80;
const RARELY = 300;

class TarihTimeline extends HTMLElement {
  static observedAttributes = ["src", "lang", "valid-at", "known-at", "reported-by"];

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).append(make("slot"));
    this.shadowRoot.adoptedStyleSheets = [sheet()];
    this.shadowRoot.addEventListener("keydown", (event) => this.pressed(event));
    this.followHash = () => owns(this) && this.go(stateIn(location.hash) || this.given());
  }

  connectedCallback() {
    addEventListener("hashchange", this.followHash);
    this.soon();
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.followHash);
    this.waiting?.abort();
    clearTimeout(this.late);
    clearTimeout(this.keeping);
    this.unfollow();
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
    const known = this.getAttribute("known-at") || undefined;
    return { valid: this.getAttribute("valid-at") || undefined, known, reported: this.getAttribute("reported-by") || undefined };
  }

  get language() {
    return this.getAttribute("lang") || document.documentElement.lang || "en";
  }

  async start() {
    if (!this.getAttribute("src")) return;
    const turn = (this.turn = (this.turn || 0) + 1);
    this.saying = new Saying(this.language);
    this.waiting?.abort();
    await this.updating?.catch(() => undefined);
    this.waiting = new AbortController();
    this.asker = new Asker(this.getAttribute("src"), this.waiting.signal);
    this.unfollow();
    this.filters = {};
    this.range = this.reference = undefined;
    this.state = (owns(this) && stateIn(location.hash)) || this.given();
    try {
      this.outline = await this.asker.ask(this.asker.address("/outline", { lang: this.saying.lang }));
    } catch (error) {
      return turn === this.turn && error.name !== "AbortError" && this.fail(error);
    }
    if (turn !== this.turn) return;
    this.build();
    this.arrange();
    await this.update();
    this.follow();
  }

  fail(error) {
    if (!(error instanceof Refused)) throw error;
    const { words } = this.saying;
    const again = make("button", { type: "button", click: () => this.start() }, words.again);
    this.shadowRoot.replaceChildren(make("p", { class: "fault", role: "alert" }, error.status === 404 ? words.gone : words.failed, " ", error.status === 404 ? undefined : again));
  }

  // ---- What there is to see, made once.

  build() {
    const { saying } = this;
    const { words } = saying;
    const move = (name) => (value, sliding) => {
      const axis = this.axes[name];
      this.last = { name, way: axis.index(value) < axis.index(this.state[name]) ? -1 : 1 };
      this.go({ ...this.state, [name]: value }, sliding);
    };
    this.axes = Object.fromEntries(["valid", "reported", "known"].map((name) => [name, new Axis(name, saying, move(name))]));
    const button = (label, act, given) => make("button", { type: "button", click: act, ...given }, label);
    this.sentence = make("p", { class: "sentence" });
    this.spoken = make("p", { class: "spoken", role: "status" });
    this.figures = make("div", { class: "glance" });
    this.kept = new Kept();
    this.drawn = undefined;
    this.ruler = make("div", { class: "ruler", "aria-hidden": "true" });
    this.list = make("ol", { class: "list", "aria-label": words.timeline, click: (event) => this.clicked(event) });
    this.expected = make("section", { class: "expectations" });
    this.more = button(words.more, () => this.further(), { class: "more", hidden: true });
    this.resetting = button(words.reset, () => this.go({}));
    this.copying = button(words.copy, () => this.copy());
    this.comparing = button(words.compare, () => this.compare());
    this.compared = make("p", { class: "compared", hidden: true });
    this.choice = make(
      "fieldset",
      { class: "switch" },
      make("legend", {}, words.knowledge),
      ["reported", "known"].map((name) => make("label", {}, make("input", { type: "radio", name: "knowledge", value: name, change: () => this.switchTo(name) }), words[name === "known" ? "recorded" : "published"])),
    );
    this.selects = FACETS.map((name) => this.facet(name)).filter(Boolean);
    this.shadowRoot.replaceChildren(
      (this.whole = make(
        "div",
        { class: "whole" },
        make("div", { class: "head" }, this.sentence, make("div", { class: "axes" }, this.axes.valid.node, this.axes.reported.node, this.axes.known.node)),
        make("div", { class: "tools" }, this.resetting, this.comparing, this.copying, this.choice),
        this.compared,
        this.spoken,
        this.figures,
        make(
          "div",
          { class: "bar" },
          make("div", { class: "filters", role: "group", "aria-label": words.filters }, this.selects),
          make("div", { class: "zoom" }, button("−", () => this.zoom(2), { "aria-label": words.zoomOut }), button("+", () => this.zoom(0.5), { "aria-label": words.zoomIn }), button(words.whole, () => this.zoom())),
        ),
        this.ruler,
        this.list,
        this.more,
        this.expected,
        this.legend(),
      )),
    );
  }

  facet(name) {
    const { words } = this.saying;
    const found = this.outline[`${name}s`];
    if (found.length < 2) return undefined;
    const label = (one) => (name === "type" ? this.saying.type(one.type) : one.label);
    const options = found.map((one) => make("option", { value: one[name] }, `${label(one)} (${one.claims})`));
    const change = (event) => {
      this.filters[name] = event.target.value || undefined;
      this.update();
    };
    return make("select", { name, "aria-label": words.filter[name], change }, make("option", { value: "" }, words.all[name]), options);
  }

  legend() {
    const { words } = this.saying;
    const kinds = Object.entries(words.marks).map(([kind, text]) => {
      const sign = make("i", { class: { arrow: "solid arrow", fadeout: "solid fadeout", expected: "hatch" }[kind] || kind });
      return make("li", { class: kind === "expected" ? "expected" : kind === "ghost" ? "odd" : "" }, make("span", { class: "track", "aria-hidden": "true" }, sign), text);
    });
    return make("details", { class: "legend" }, make("summary", {}, words.legend), make("ul", {}, kinds));
  }

  // Which axes there are to move along, and where they stop.
  arrange() {
    const { axes } = this.outline;
    const today = new Date().toISOString().slice(0, 10);
    for (const [name, axis] of Object.entries(this.axes)) axis.set(axes[name].points, today);
    const both = axes.reported.points.length > 0 && axes.known.points.length > 1;
    this.choice.hidden = !both;
    this.knowing = both && this.state.known && !this.state.reported ? "known" : axes.reported.points.length ? "reported" : "known";
    this.axes.known.node.dataset.few = axes.known.points.length < 2;
    this.shown();
  }

  shown() {
    for (const name of ["reported", "known"]) this.axes[name].node.hidden = name !== this.knowing;
    for (const input of this.choice.querySelectorAll("input")) input.checked = input.value === this.knowing;
  }

  switchTo(name) {
    const other = name === "known" ? "reported" : "known";
    this.knowing = name;
    this.shown();
    for (const axis of Object.values(this.axes)) axis.draw();
    if (this.state[other]) this.go({ ...this.state, [other]: undefined });
  }

  // ---- Where the reader stands.

  go(state, sliding) {
    this.state = state;
    this.keep(sliding);
    if (!this.axes) return;
    if (state.known) this.unfollow();
    else this.follow();
    return this.update();
  }

  // In the address, which browsers let nobody change at every step of a hand that slides.
  keep(sliding) {
    clearTimeout(this.keeping);
    if (sliding) this.keeping = setTimeout(() => this.keep(), RARELY);
    else if (owns(this)) history.replaceState(history.state, "", `${location.pathname}${location.search}${hashOf(this.state)}`);
  }

  get point() {
    const { valid, known, reported } = this.state;
    const position = /^\d+$/.test(known || "") ? known : undefined;
    return { valid_at: valid, known_position: position, known_at: position ? undefined : known, reported_by: reported };
  }

  // The point that is compared with: one that was kept, or what is known now of the same day.
  get other() {
    if (this.reference) return this.reference.point;
    const { valid, known, reported } = this.state;
    // Without a day of its own, a point lies on the day on which that was known.
    return known || reported ? { valid_at: valid || (known && (this.frozen?.[known] || known)) } : undefined;
  }

  compare() {
    this.reference = this.reference ? undefined : { point: this.point, text: this.sentence.textContent };
    return this.update();
  }

  async copy() {
    const { as_of: at } = this.said;
    const hash = hashOf({ ...this.state, valid: this.state.valid, known: this.state.known || at.known_at });
    await navigator.clipboard.writeText(new URL(`${this.getAttribute("page") || location.pathname + location.search}${hash}`, location.href).href);
    this.spoken.textContent = this.saying.words.copied;
    this.spoken.classList.add("shown");
  }

  // ---- Answers.

  questions(point) {
    const lang = this.saying.lang === "en" ? undefined : this.saying.lang;
    const range = this.range && { from: new Date(this.range.from).toISOString().slice(0, 10), to: new Date(this.range.to - 1).toISOString().slice(0, 10) };
    const limit = this.outline.claims > FEW ? A_PAGE : FEW;
    return [this.asker.address("/glance", { ...point, lang }), this.asker.address("/timeline", { ...point, ...this.filters, ...range, limit, lang })];
  }

  // One question is out at a time: what is wanted last meanwhile is asked next, and what that overtakes never is.
  update() {
    this.wanted = true;
    this.whole.setAttribute("aria-busy", "true");
    // The sentence comes with the answer, unless that is long in coming: one picture is drawn sooner than two.
    this.late ??= setTimeout(() => this.say(), LATE);
    this.updating ??= this.answered().finally(() => (this.updating = undefined));
    return this.updating;
  }

  async answered() {
    const { turn } = this;
    while (this.wanted) {
      this.wanted = false;
      try {
        if (this.point.known_position && !this.frozen?.[this.state.known]) {
          const found = await this.asker.ask(this.asker.address("/outline", { known_position: this.state.known }));
          this.frozen = { [this.state.known]: found.as_of.known_at };
        }
        const { point, other } = this;
        const answers = [point, other].flatMap((one) => (one ? this.questions(one).map((address) => this.asker.ask(address)) : []));
        // What is all there is shown at once.
        const [said, page, there, beside] = answers.some((one) => one.then) ? await Promise.all(answers) : answers;
        if (turn !== this.turn) return;
        Object.assign(this, { said, there, pages: [page], others: beside && [beside] });
        this.answer(point, other);
      } catch (error) {
        if (turn !== this.turn || error.name === "AbortError") return;
        if (!this.wanted) return this.fail(error);
      }
    }
    this.whole.removeAttribute("aria-busy");
    clearTimeout(this.ahead);
    this.ahead = setTimeout(() => this.lookAhead(), 150);
  }

  answer(point, other) {
    this.render();
    const between = other && (this.reference ? [other, point] : [point, other]);
    const detail = { point, between, as_of: this.said.as_of, addresses: this.questions(point) };
    this.dispatchEvent(new CustomEvent("tarih-change", { bubbles: true, composed: true, detail }));
  }

  // The stop beyond this one, so that the next step the same way is there already.
  async lookAhead() {
    const { last } = this;
    const axis = last && this.axes[last.name];
    const stop = axis && axis.stops[axis.index(this.state[last.name]) + last.way];
    if (!stop || this.reference) return;
    const parameter = { valid: "valid_at", reported: "reported_by", known: "known_at" }[last.name];
    for (const address of this.questions({ ...this.point, [parameter]: stop.value })) {
      if (!this.updating) await Promise.resolve(this.asker.ask(address)).catch(() => undefined);
    }
  }

  async further() {
    const [page, other] = [this.pages.at(-1), this.others?.at(-1)];
    const { pages } = this;
    const [next, beside] = await Promise.all([page.next && this.asker.ask(page.next), other?.next && this.asker.ask(other.next)]);
    if (pages !== this.pages) return;
    const first = this.list.childElementCount;
    if (next) this.pages.push(next);
    if (beside) this.others.push(beside);
    this.render();
    this.list.children[first]?.focus();
  }

  // ---- What is seen.

  say() {
    clearTimeout(this.late);
    this.late = undefined;
    const { saying, state } = this;
    const { words } = saying;
    const at = this.said?.as_of;
    const today = new Date().toISOString().slice(0, 10);
    const valid = state.valid || (state.known && at?.known_at ? at.valid_at : today);
    const known = /^\d+$/.test(state.known || "") ? at?.known_at || today : state.known;
    const strong = (text, kind, day) => {
      const [before, after] = text.split(day);
      return [before, make("b", { class: kind }, day), after];
    };
    const [validDay, reportedDay, knownDay] = [saying.day(valid), state.reported && saying.day(state.reported), known && saying.time(known)];
    const told = [strong(state.valid || state.known ? fill(words.asOf, validDay) : fill(words.today, validDay), "valid", validDay)];
    if (reportedDay) told.push(strong(fill(words.publishedBy, reportedDay), "knowing", reportedDay));
    if (knownDay) told.push(strong(fill(words.recordedBy, knownDay), "knowing", knownDay));
    if (!reportedDay && !knownDay) told.push([make("span", { class: "so-far" }, words.publishedSoFar)]);
    const sentence = make("p", {}, told.flatMap((parts, nth) => (nth ? [", ", ...parts] : parts)), ".");
    if (sentence.textContent !== this.sentence.textContent) this.sentence.replaceChildren(...sentence.childNodes);
    this.axes.valid.show(state.valid, validDay, valid.slice(0, 10));
    this.axes.reported.show(state.reported, reportedDay || words.publishedSoFar, state.reported || today);
    this.axes.known.show(known, knownDay || words.now_, (known || today).slice(0, 10));
    this.resetting.disabled = !state.valid && !state.known && !state.reported;
    if (!this.compared.hidden !== !!this.reference) {
      this.comparing.textContent = this.reference ? words.stop : words.compare;
      this.compared.hidden = !this.reference;
      this.compared.textContent = this.reference ? fill(words.compared, this.reference.text) : "";
    }
  }

  render() {
    const { saying } = this;
    const { words } = saying;
    const nowIs = !this.reference;
    this.say();
    this.kept.turn();
    put(this.figures, glance(this.said, this.there, nowIs, saying, this.kept));
    const items = this.pages.flatMap((page) => page.items);
    const cut = this.pages.at(-1).next;
    let rows = together(items, this.others?.flatMap((page) => page.items));
    // Beyond its end a page says nothing, so that nothing is missing there.
    if (cut && items.length) rows = rows.slice(0, rows.findIndex(({ item }) => item.claim === items.at(-1).claim) + 1);
    const scale = this.scale();
    const { as_of: at } = this.said;
    const until = Math.min(Math.ceil(instant(at.known_at || at.valid_at) / DAY_LONG) * DAY_LONG, scale.to);
    const context = { saying, scale, nowIs, reported: at.reported_by, until };
    const made = (one) => {
      const chosen = one.item.claim === this.state.item;
      return this.kept.of([shown(one, chosen), chosen, scale, until, nowIs, !!context.reported, saying.lang], () => entry(one, { ...context, chosen }));
    };
    const happened = rows.filter(({ item }) => !item.expected);
    const expected = rows.filter(({ item }) => item.expected);
    const nodes = [];
    let ahead = false;
    for (const one of happened) {
      if (!ahead && one.here && one.item.certainty === "not-yet") {
        ahead = true;
        nodes.push(make("li", { class: "divider" }, fill(words.after, saying.day(at.valid_at))));
      }
      nodes.push(made(one));
    }
    if (!happened.length) nodes.push(make("li", { class: "divider" }, this.said.known ? words.nothingHere : words.nothing));
    const focused = this.shadowRoot.activeElement?.dataset?.claim;
    put(this.list, nodes);
    this.expected.replaceChildren(...(expected.length ? [make("p", { class: "heading" }, words.expectations), make("ol", { class: "list", "aria-label": words.expectations, click: (event) => this.clicked(event) }, expected.map(made))] : []));
    this.more.hidden = !cut;
    this.place(scale, at);
    const entries = this.entries;
    const reached = entries.find((node) => node.dataset.claim === (focused || this.state.item)) || entries[0];
    for (const node of entries) if (node.tabIndex !== (node === reached ? 0 : -1)) node.tabIndex = node === reached ? 0 : -1;
    if (focused) entries.find((node) => node.dataset.claim === focused)?.focus();
    const differing = rows.filter((one) => odd(one, saying)).length;
    clearTimeout(this.telling);
    this.spoken.classList.toggle("shown", this.others !== undefined);
    this.telling = setTimeout(() => {
      this.spoken.textContent = [this.others ? fill(words.differs, differing) : fill(words.entries, rows.length)].join();
    }, this.others ? 0 : 600);
  }

  scale() {
    if (this.range) return new Scale(this.range.from, this.range.to);
    const { earliest, latest } = this.outline;
    // To the day: what is drawn on it stays as it is until tomorrow.
    const today = Math.ceil(Date.now() / DAY_LONG) * DAY_LONG;
    const from = earliest ? instant(earliest) : today - DAY_LONG;
    const to = Math.max(latest ? instant(latest) + DAY_LONG : today, today);
    const room = (to - from) / 30 + DAY_LONG;
    return new Scale(from - room, to + room);
  }

  place(scale, at) {
    const x = (text) => (!text || instant(text) < scale.from || instant(text) > scale.to ? "-9%" : `${scale.at(instant(text))}%`);
    // On each track, as what is set above all of them would have all of them looked at again.
    const lines = { "--valid": x(at.valid_at), "--reported": x(at.reported_by) };
    for (const { style } of this.shadowRoot.querySelectorAll(".entry .track")) {
      for (const [name, value] of Object.entries(lines)) if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    }
    const drawn = JSON.stringify([scale, this.outline.as_of]);
    if (this.drawn === drawn) return;
    this.drawn = drawn;
    const ticks = scale.ticks(6);
    this.whole.style.setProperty("--grid", ticks.map(({ at: left }) => `linear-gradient(var(--line),var(--line)) ${left}% 0/1px 100% no-repeat`).join(",") || "none");
    const labels = ticks.map(({ at: left, text }) => {
      const label = make("b", {}, text);
      label.style.left = `${left}%`;
      return label;
    });
    const days = this.outline.axes.valid.points.filter((point) => instant(point.at) >= scale.from && instant(point.at) <= scale.to);
    const most = Math.max(...days.map((point) => point.changes), 1);
    const bars = days.map((point) => {
      const bar = make("i", {});
      bar.style.left = `${scale.at(instant(point.at))}%`;
      bar.style.height = `${20 + (80 * point.changes) / most}%`;
      return bar;
    });
    this.ruler.replaceChildren(make("div", { class: "density" }, bars), ...labels);
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
    const item = node?.dataset.claim === this.state.item ? undefined : node?.dataset.claim;
    if (node) this.reach(node);
    this.go({ ...this.state, item });
  }

  reach(node) {
    for (const one of this.entries) one.setAttribute("tabindex", "-1");
    node.setAttribute("tabindex", "0");
    node.focus();
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, target } = event;
    const writing = target.matches("input[type=date], select");
    const entries = this.entries;
    const here = entries.indexOf(target);
    const go = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: entries.length - 1 }[key];
    if (here >= 0 && go !== undefined) {
      if (entries[go]) this.reach(entries[go]);
    } else if (here >= 0 && (key === "Enter" || key === " ")) this.choose(target);
    else if ((key === "+" || key === "=") && !writing) this.zoom(0.5);
    else if (key === "-" && !writing) this.zoom(2);
    else if (key === "Escape") this.escape();
    else return;
    event.preventDefault();
  }

  // One thing after another: the entry, the time looked at, the comparison, the filters, the point.
  escape() {
    if (this.state.item) this.go({ ...this.state, item: undefined });
    else if (this.range) this.zoom();
    else if (this.reference) this.compare();
    else if (Object.values(this.filters).some(Boolean)) {
      this.filters = {};
      for (const select of this.selects) select.value = "";
      this.update();
    } else this.go({});
  }

  zoom(by) {
    const scale = this.scale();
    const entry = this.state.item && this.pages.flatMap((page) => page.items).find((item) => item.claim === this.state.item);
    const middle = instant(entry?.occurred.earliest || this.said.as_of.valid_at);
    const half = ((scale.to - scale.from) * (by || 1)) / 2;
    this.range = undefined;
    const whole = this.scale();
    if (by && half * 2 < (whole.to - whole.from) * 0.99) {
      const from = Math.min(Math.max(middle - half, whole.from), whole.to - 2 * half);
      this.range = { from: Math.floor(from / DAY_LONG) * DAY_LONG, to: Math.ceil((from + Math.max(2 * half, 14 * DAY_LONG)) / DAY_LONG) * DAY_LONG };
    }
    return this.update();
  }

  // ---- What comes while it is looked at.

  follow() {
    if (this.stream || this.state.known || !this.isConnected) return;
    const { position } = this.outline.as_of;
    const [, ledger, relationship] = /^(.*)\/relationships\/([^/]+)$/.exec(this.asker.base) || [];
    if (!ledger) return;
    this.stream = new EventSource(`${ledger}/events?relationship=${relationship}&after=${position}`);
    this.stream.addEventListener("event", () => this.news());
    const tomorrow = DAY_LONG - (Date.now() % DAY_LONG) + 1000;
    this.midnight = setTimeout(() => this.news(), tomorrow);
  }

  unfollow() {
    this.stream?.close();
    this.stream = undefined;
    clearTimeout(this.midnight);
  }

  // Many events may come at once.
  news() {
    clearTimeout(this.coming);
    this.coming = setTimeout(async () => {
      if (!this.isConnected) return;
      this.asker.forget();
      this.outline = await this.asker.ask(this.asker.address("/outline", { lang: this.saying.lang }));
      this.arrange();
      await this.update();
      clearTimeout(this.telling);
      this.spoken.textContent = this.saying.words.live;
      this.spoken.classList.add("shown");
    }, 150);
  }
}

if (!customElements.get("tarih-timeline")) customElements.define("tarih-timeline", TarihTimeline);
