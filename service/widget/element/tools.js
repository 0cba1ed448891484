// What helps a reader beside the list and its sliders: figures, comparing, filters, zooming, details, links, live news.

import WORDS from "../words.json" with { type: "json" };
import { hashOf } from "./address.js";
import { together } from "./differences.js";
import { Following } from "./following.js";
import { glance } from "./glance.js";
import { make, put, sheetOf } from "./making.js";
import { DAY, instant } from "./marks.js";
import { rule } from "./ruler.js";
import { draw } from "./ticks.js";
import { TOOL_STYLE } from "./tool-style.js";
import { fill, worded } from "./words.js";

const FACETS = ["type", "actor", "platform"];
// Milliseconds of rest until the next step the same way is asked for.
const AHEAD = 150;

export class Tools {
  constructor(timeline) {
    const { shadowRoot, saying, places } = timeline;
    this.timeline = timeline;
    this.saying = saying;
    const words = (this.words = saying.words.tools || WORDS.en.tools);
    shadowRoot.adoptedStyleSheets = [...shadowRoot.adoptedStyleSheets.slice(0, 1), sheetOf(TOOL_STYLE)];
    const button = (label, act, given) => make("button", { type: "button", click: act, ...given }, label);
    this.resetting = button(words.reset, () => timeline.go({}));
    this.comparing = button(words.compare, () => this.compare());
    this.compared = make("p", { class: "compared", hidden: true });
    const choice = (name) => make("label", {}, make("input", { type: "radio", name: "knowledge", value: name, change: () => this.switchTo(name) }), words[name]);
    this.choice = make("fieldset", { class: "switch" }, make("legend", {}, words.knowledge), ["reported", "known"].map(choice));
    this.selects = FACETS.map((name) => this.facet(name)).filter(Boolean);
    places.tools.prepend(this.resetting, this.comparing, button(words.copy, () => this.copy()), this.choice);
    places.tools.after(this.compared);
    places.bar.append(
      make("div", { class: "filters", role: "group", "aria-label": words.filters }, this.selects),
      make("div", { class: "zoom" }, button("−", () => this.zoom(2), { "aria-label": words.zoomOut }), button("+", () => this.zoom(0.5), { "aria-label": words.zoomIn }), button(words.whole, () => this.zoom())),
    );
    places.legend.append(this.legend());
  }

  leave() {
    this.following?.end();
    this.following = undefined;
    clearTimeout(this.ahead);
  }

  facet(name) {
    const { timeline, saying, words } = this;
    const found = timeline.outline[`${name}s`];
    if (found.length < 2) return undefined;
    const label = (one) => (name === "type" ? saying.type(one.type) : one.label);
    const options = found.map((one) => make("option", { value: one[name] }, `${label(one)} (${one.claims})`));
    const change = (event) => {
      timeline.filters[name] = event.target.value || undefined;
      timeline.update();
    };
    return make("select", { name, "aria-label": words.filter[name], change }, make("option", { value: "" }, words.all[name]), options);
  }

  legend() {
    const kinds = Object.entries(this.words.marks).map(([kind, text]) => {
      const sign = make("i", { class: { arrow: "solid arrow", fadeout: "solid fadeout", expected: "hatch" }[kind] || kind });
      return make("li", { class: kind === "expected" ? "expected" : kind === "ghost" ? "odd" : "" }, make("span", { class: "track", "aria-hidden": "true" }, sign), text);
    });
    return make("details", { class: "legend" }, make("summary", {}, this.words.legend), make("ul", {}, kinds));
  }

  // ---- By which kind of knowledge.

  arrange() {
    this.draw();
    this.choice.hidden = !this.timeline.both;
    for (const input of this.choice.querySelectorAll("input")) input.checked = input.value === this.timeline.knowing;
  }

  draw() {
    for (const axis of Object.values(this.timeline.axes)) draw(axis);
  }

  switchTo(name) {
    const { timeline } = this;
    const other = timeline.knowing;
    timeline.turnTo(name);
    this.draw();
    if (timeline.state[other]) timeline.go({ ...timeline.state, [other]: undefined });
  }

  // ---- Two points, and links to one.

  // The point that is compared with: one that was kept, or what is known now of the same day.
  async other() {
    if (this.reference) return this.reference.point;
    const { timeline } = this;
    const { asker, point, state } = timeline;
    const { valid, known, reported } = state;
    if (!known && !reported) return undefined;
    // Without a day of its own, a point lies on the day on which that was known.
    let day = valid || known;
    if (!valid && point.known_position) day = (await asker.ask(asker.address("/outline", { known_position: known }))).as_of.known_at;
    return { valid_at: day };
  }

  between(point, other) {
    return other && (this.reference ? [other, point] : [point, other]);
  }

  compare() {
    const { point, sentence } = this.timeline;
    this.reference = this.reference ? undefined : { point, text: sentence.textContent };
    this.comparing.textContent = this.reference ? this.words.stop : this.words.compare;
    this.compared.hidden = !this.reference;
    this.compared.textContent = this.reference ? fill(this.words.compared, this.reference.text) : "";
    return this.timeline.update();
  }

  async copy() {
    const { timeline } = this;
    const hash = hashOf({ ...timeline.state, known: timeline.state.known || timeline.said.as_of.known_at });
    const page = timeline.getAttribute("page") || location.pathname + location.search;
    await navigator.clipboard.writeText(new URL(page + hash, location.href).href);
    this.tell(this.words.copied);
  }

  tell(text) {
    clearTimeout(this.timeline.telling);
    this.timeline.spoken.textContent = text;
    this.timeline.spoken.classList.add("shown");
  }

  // ---- What the timeline asks of its tools.

  say() {
    const { known, reported, valid } = this.timeline.state;
    this.resetting.disabled = !valid && !known && !reported;
  }

  render() {
    const { said, there, kept, places } = this.timeline;
    put(places.glance, said.known ? glance(said, there, { nowIs: !this.reference, saying: this.saying, words: this.words }, kept) : []);
  }

  place(scale) {
    const { outline, places, ruler, whole } = this.timeline;
    places.bar.hidden = ruler.hidden = !outline.claims;
    const drawn = JSON.stringify([scale, outline.as_of]);
    if (this.drawn !== drawn) rule(ruler, whole, scale, outline.axes.valid.points);
    this.drawn = drawn;
  }

  // The rows of the list; beyond its end a page says nothing, so that nothing is missing there.
  rows(items) {
    const { others, pages, said } = this.timeline;
    if (!others) return items.map((item) => ({ item }));
    const told = { nowIs: !this.reference, reported: said.as_of.reported_by, saying: this.saying, words: this.words };
    const rows = together(items, others.flatMap((page) => page.items), told);
    const last = pages.at(-1).next && items.at(-1)?.claim;
    return last ? rows.slice(0, rows.findIndex(({ item }) => item.claim === last) + 1) : rows;
  }

  differing(rows) {
    return this.timeline.others && fill(this.words.differs, rows.filter(({ why, notes }) => why || notes?.length).length);
  }

  details(item) {
    const titles = [...new Set(item.sources.map((source) => source.title).filter(Boolean))];
    return make(
      "div",
      { class: "details" },
      item.phrase && make("p", { lang: item.lang, dir: "auto" }, fill(this.words.said, item.phrase)),
      titles.map((title) => make("p", { dir: "auto" }, title)),
      make("p", {}, item.parties.map(({ label, role }) => `${label} (${worded(this.words.roles, role)})`).join(" · ")),
      make("p", { class: "id" }, `${item.claim} · ${item.occurred.edtf} · ${this.saying.time(item.recorded_at)}`),
    );
  }

  rested() {
    this.follow();
    clearTimeout(this.ahead);
    this.ahead = setTimeout(() => this.lookAhead(), AHEAD);
  }

  // The stop beyond this one, so that the next step the same way is there already.
  async lookAhead() {
    const { asker, axes, last, point, state } = this.timeline;
    const axis = last && axes[last.name];
    const stop = axis && axis.stops[axis.index(state[last.name]) + last.way];
    if (!stop || this.reference) return;
    const parameter = { valid: "valid_at", reported: "reported_by", known: "known_at" }[last.name];
    for (const address of this.timeline.questions({ ...point, [parameter]: stop.value })) {
      if (!this.timeline.updating) await Promise.resolve(asker.ask(address)).catch(() => undefined);
    }
  }

  // ---- Keys, and the time that is looked at.

  pressed(key, target) {
    const writing = target.matches("input[type=date], select");
    if ((key === "+" || key === "=") && !writing) this.zoom(0.5);
    else if (key === "-" && !writing) this.zoom(2);
    else if (key === "Escape") this.escape();
    else return false;
    return true;
  }

  // One thing after another: the entry, the time looked at, the comparison, the filters, the point.
  escape() {
    const { timeline } = this;
    if (timeline.state.item) timeline.go({ ...timeline.state, item: undefined });
    else if (timeline.range) this.zoom();
    else if (this.reference) this.compare();
    else if (Object.values(timeline.filters).some(Boolean)) {
      timeline.filters = {};
      for (const select of this.selects) select.value = "";
      timeline.update();
    } else timeline.go({});
  }

  zoom(by) {
    const { timeline } = this;
    const scale = timeline.scale();
    const entry = timeline.state.item && timeline.pages.flatMap((page) => page.items).find((item) => item.claim === timeline.state.item);
    const middle = instant(entry?.occurred.earliest || timeline.said.as_of.valid_at);
    const half = ((scale.to - scale.from) * (by || 1)) / 2;
    timeline.range = undefined;
    const whole = timeline.scale();
    if (by && half * 2 < (whole.to - whole.from) * 0.99) {
      const from = Math.min(Math.max(middle - half, whole.from), whole.to - 2 * half);
      timeline.range = { from: Math.floor(from / DAY) * DAY, to: Math.ceil((from + Math.max(2 * half, 14 * DAY)) / DAY) * DAY };
    }
    return timeline.update();
  }

  // ---- Live, where nothing is frozen.

  follow() {
    const { asker, outline, state } = this.timeline;
    if (state.known) {
      this.following?.end();
      this.following = undefined;
    } else this.following ??= new Following(asker.base, outline.as_of.position, () => this.news());
  }

  async news() {
    const { timeline } = this;
    const { asker, turn } = timeline;
    asker.forget();
    const outline = await asker.ask(asker.address("/outline", { lang: this.saying.lang })).catch(() => undefined);
    if (!outline || turn !== timeline.turn) return;
    timeline.outline = outline;
    timeline.arrange();
    await timeline.update();
    this.tell(this.words.live);
  }
}
