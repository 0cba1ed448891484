// How it looks: type, two colours for the two axes of time, and hatching for what is not known to the day.

export const STYLE = `
:host {
  color-scheme: light dark; display: block; container-type: inline-size;
  --paper: light-dark(#fcfbf8, #16171a); --ink: light-dark(#1c1b19, #ece8e1); --quiet: light-dark(#5d5850, #a8a39a);
  --line: light-dark(#e3ded4, #2f3136); --soft: light-dark(#f3f0e9, #1f2125);
  --valid-ink: light-dark(#0d5c7d, #7fc8ea); --known-ink: light-dark(#96460a, #f0ab6b);
  --serif: var(--tarih-serif, "Iowan Old Style", Charter, "Source Serif 4", "Palatino Linotype", Georgia, "Liberation Serif", serif);
  --sans: var(--tarih-sans, system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif);
  --track: 38%;
  background: var(--paper); color: var(--ink); font: 400 1rem/1.5 var(--sans);
}
:host([theme=light]) { color-scheme: light; } :host([theme=dark]) { color-scheme: dark; } :host([hidden]) { display: none; }
* { box-sizing: border-box; } [hidden] { display: none !important; }
p, ol, ul, fieldset { margin: 0; padding: 0; border: 0; } ol, ul { list-style: none; }
button, select, [type=date] {
  font: inherit; font-size: .875rem; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 4px;
  padding: .3rem .65rem; min-height: 2.25rem;
}
button { cursor: pointer; } button:hover:not(:disabled) { border-color: var(--quiet); } button:disabled { color: var(--quiet); opacity: .6; cursor: default; }
:focus-visible { outline: 2px solid var(--valid-ink); outline-offset: 2px; }
.whole { padding: 1.25rem clamp(1rem, 4cqw, 2rem) 1.5rem; overflow-wrap: anywhere; }
.sentence { font: 400 clamp(1.3rem, 1rem + 1.7cqw, 2rem)/1.25 var(--serif); letter-spacing: -.01em; text-wrap: balance; }
.sentence b { font-weight: 600; white-space: nowrap; } .sentence .valid { color: var(--valid-ink); } .sentence .knowing { color: var(--known-ink); } .so-far { color: var(--quiet); }
.axes { display: grid; gap: .5rem; margin-top: 1.1rem; }
.axis { display: grid; grid-template-columns: 13.5rem minmax(0, 1fr) 9.5rem; gap: 0 1rem; align-items: start; }
.axis label { font-size: .9375rem; font-weight: 600; line-height: 1.2; padding-top: .55rem; }
.valid.axis { --axis: var(--valid-ink); } .reported.axis, .known.axis { --axis: var(--known-ink); } .axis label { color: var(--axis); }
.rail { display: grid; grid-template-columns: 2.25rem minmax(0, 1fr) 2.25rem; gap: .5rem; align-items: start; }
.step { padding: 0; font-size: 1.15rem; line-height: 1; }
.slide { padding-top: .3rem; }
[type=range] {
  appearance: none; display: block; width: 100%; height: 1.65rem; margin: 0; background: transparent; cursor: pointer;
  --run: linear-gradient(to right, var(--axis) calc(var(--part, 1) * 100%), var(--line) 0); --ring: 0 0 0 1.5px var(--axis);
}
[type=range]::-webkit-slider-runnable-track { height: 4px; border-radius: 2px; background: var(--run); }
[type=range]::-moz-range-track { height: 4px; border-radius: 2px; background: var(--run); }
[type=range]::-webkit-slider-thumb { appearance: none; width: 20px; height: 20px; margin-top: -8px; border-radius: 50%; background: var(--axis); border: 3px solid var(--paper); box-shadow: var(--ring); }
[type=range]::-moz-range-thumb { width: 14px; height: 14px; border-radius: 50%; background: var(--axis); border: 3px solid var(--paper); box-shadow: var(--ring); }
.ticks { position: relative; height: 1.35rem; margin: -.3rem 10px 0; container-type: inline-size; }
.tools { min-height: 2.25rem; display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 0; }
.spoken { font-size: .875rem; color: var(--known-ink); font-weight: 600; margin-top: .6rem; min-height: 1.5em; } .spoken:not(.shown) { opacity: 0; }
.ruler { position: relative; height: 2.6rem; margin: .8rem 0 0 calc(100% - var(--track)); border-bottom: 1px solid var(--ink); overflow: hidden; }
.entry { contain: content; position: relative; display: grid; grid-template-columns: 9.5rem minmax(0, 1fr) var(--track); gap: 0 1.25rem; border-bottom: 1px solid var(--line); cursor: default; }
.entry > .when, .entry > .what { padding: .55rem 0 .6rem; } .when { font-size: .875rem; color: var(--quiet); line-height: 1.4; padding-top: .65rem !important; }
.title { font: 500 1.0625rem/1.35 var(--serif); text-wrap: pretty; }
.meta { font-size: .8125rem; line-height: 1.45; color: var(--quiet); }
.meta .type { color: var(--ink); font-weight: 600; } .meta .time, .meta .official { font-style: italic; color: var(--ink); } .standing { white-space: nowrap; } .standing:not(.reported) { color: var(--ink); font-weight: 600; }
.sources a { color: inherit; text-underline-offset: 2px; } .sources a:hover { color: var(--valid-ink); }
:is(.not-yet, .over, .lapsed) .title { color: var(--quiet); } .entry.denied .title { text-decoration: line-through; }
.entry.chosen { background: var(--soft); }
.entry:focus-visible { outline-offset: -2px; }
.divider { padding: .5rem 0 .4rem; font-size: .8125rem; font-weight: 600; color: var(--valid-ink); border-bottom: 1px solid var(--valid-ink); }
.expectations .heading { font: 600 .9375rem var(--sans); margin-top: 1.6rem; padding-bottom: .4rem; border-bottom: 1px solid var(--ink); }
.track {
  position: relative; overflow: hidden; min-height: 1.6rem;
  background: linear-gradient(var(--valid-ink) 0 0) var(--valid, -9%) 0/1.5px no-repeat, linear-gradient(var(--known-ink) 0 0) var(--reported, -9%) 0/1.5px no-repeat, var(--grid, none);
}
.track i { --mark: var(--ink); position: absolute; top: 1.05rem; height: 10px; }
.track .dot { width: 10px; margin-left: -5px; background: var(--mark); border-radius: 50%; }
.track .hatch { border: 1px solid var(--mark); border-radius: 2px; background: repeating-linear-gradient(135deg, var(--mark) 0 1.5px, transparent 1.5px 5px); }
.track .solid { height: 4px; margin-top: 3px; background: var(--mark); }
.track .arrow::after { content: ""; position: absolute; right: -1px; top: -4px; border: solid transparent; border-width: 6px 0 6px 8px; border-left-color: var(--mark); }
.track .fadein { background: linear-gradient(to right, transparent, var(--mark)); mask: repeating-linear-gradient(135deg, #000 0 1.5px, transparent 1.5px 5px); border-right: 1px solid var(--mark); }
.track .fadeout { background: linear-gradient(to right, var(--mark), transparent); }
:is(.possible, .not-yet, .over, .lapsed) .track i { --mark: var(--quiet); } .not-yet .dot, .expected .dot { background: transparent; border: 2px solid var(--mark); }
.expected .hatch { background: none; border-style: dashed; }
.more { margin-top: 1rem; } .fault { padding: 2rem; }
@container (max-width: 46rem) {
  .whole { padding: 1rem; } .axis { grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .75rem; } .axis label { padding-top: .5rem; } .rail { grid-column: 1 / -1; grid-row: 2; }
  .ruler { margin-left: 0; } .entry { grid-template-columns: minmax(0, 1fr); } .entry > .when { padding: .7rem 0 0 !important; } .entry > .what { padding: .1rem 0 .2rem; }
  .entry .track { min-height: 1.9rem; } .entry .track i { top: .55rem; }
}
@media (forced-colors: active) { .track i { forced-color-adjust: none; --mark: CanvasText; } }
`;
