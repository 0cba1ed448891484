// The ruler above the marks: years or months, and how much changes when.

import { make } from "./making.js";
import { instant } from "./marks.js";

const TICKS = 6;

// Into `ruler`, with a line for each of its ticks behind the marks of `whole`.
export function rule(ruler, whole, scale, points) {
  const ticks = ticksOf(scale, TICKS);
  whole.style.setProperty("--grid", ticks.map(({ at }) => `linear-gradient(var(--line),var(--line)) ${at}% 0/1px 100% no-repeat`).join(",") || "none");
  const labels = ticks.map(({ at, text }) => make("b", { left: at }, text));
  const days = points.filter(({ at }) => instant(at) >= scale.from && instant(at) <= scale.to);
  const most = Math.max(...days.map(({ changes }) => changes), 1);
  const bars = days.map(({ at, changes }) => make("i", { left: scale.at(instant(at)), height: 20 + (80 * changes) / most }));
  ruler.replaceChildren(make("div", { class: "density" }, bars), ...labels);
}

// Whole years, or whole months of a short time, that lie well apart.
function ticksOf(scale, most) {
  const found = [];
  const [first, last] = [new Date(scale.from), new Date(scale.to)];
  const months = (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth();
  const step = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200].find((one) => months / one <= most) || 6000;
  let month = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth() + 0.001) / step) * step;
  for (; ; month += step) {
    const at = new Date(0);
    at.setUTCFullYear(Math.floor(month / 12), month % 12, 1);
    if (at > last) return found;
    const text = at.toISOString();
    found.push({ at: scale.at(+at), text: step < 12 ? text.slice(0, 7) : text.slice(0, 4) });
  }
}
