// One axis of time: a native slider whose stops are the points at which answers change, and a date beside it.

import { make } from "./making.js";
import { fill } from "./words.js";

export class Axis {
  constructor(name, saying, moved) {
    const { words } = saying;
    this.name = name;
    this.saying = saying;
    this.stops = [];
    this.value = undefined;
    this.slider = make("input", { type: "range", id: name, min: "0", step: "1", input: () => moved(this.stops[+this.slider.value].value, true) });
    this.ticks = make("div", { class: "ticks", "aria-hidden": "true" });
    this.field = make("input", { type: "date", "aria-label": fill(words.date, words[name]), max: name === "valid" ? "9998-12-31" : undefined, change: () => this.field.validity.valid && moved(this.field.value || undefined) });
    const step = (by, label, sign) =>
      make("button", { type: "button", class: "step", "aria-label": `${words[name]}: ${label}`, click: () => this.step(by, moved) }, sign);
    this.node = make(
      "div",
      { class: `axis ${name}` },
      make("label", { for: name }, words[name]),
      make("div", { class: "rail" }, step(-1, words.earlier, "‹"), make("div", { class: "slide" }, this.slider, this.ticks), step(1, words.later, "›")),
      this.field,
    );
  }

  // By the points that the service named, and now among them, which has no value.
  set(points, today) {
    const stops = points.map(({ at }) => ({ value: at, at }));
    const before = this.name === "known" ? stops : stops.filter(({ at }) => at <= today);
    const after = this.name === "valid" ? stops.filter(({ at }) => at > today) : [];
    this.stops = [...before, { value: undefined, at: this.name === "known" ? "9999" : today }, ...after];
    this.now = before.length;
    this.slider.max = this.stops.length - 1;
    this.slider.disabled = !this.stops[1];
    if (this.name !== "valid") this.field.max = today;
  }

  index(value) {
    if (value === undefined) return this.now;
    // A date stands for its end, whatever lies within it.
    return Math.max(0, this.stops.findLastIndex((stop) => stop.at.slice(0, value.length) <= value));
  }

  step(by, moved) {
    const here = this.index(this.value);
    // A date between two stops lies after the one that the slider shows.
    const between = this.value !== undefined && this.stops[here].value !== this.value && by < 0;
    const next = this.stops[between ? here : here + by];
    if (next) moved(next.value);
  }

  show(value, text, day) {
    this.value = value;
    const nth = this.index(value);
    this.slider.value = nth;
    this.slider.setAttribute("aria-valuetext", text);
    this.slider.style.setProperty("--part", nth / Math.max(1, this.stops.length - 1));
    if (this.field.value !== day && this.field.getRootNode().activeElement !== this.field) this.field.value = day;
    this.node.classList.toggle("moved", value !== undefined);
  }
}
