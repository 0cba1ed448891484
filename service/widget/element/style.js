// How it looks: type, two colours for the two axes of time, and hatching for what is not known to the day.

const CSS = `
:host {
  color-scheme: light dark; display: block; container-type: inline-size;
  --paper: light-dark(#fcfbf8, #16171a); --ink: light-dark(#1c1b19, #ece8e1); --quiet: light-dark(#5d5850, #a8a39a);
  --line: light-dark(#e3ded4, #2f3136); --soft: light-dark(#f3f0e9, #1f2125);
  --valid-ink: light-dark(#0d5c7d, #7fc8ea); --known-ink: light-dark(#96460a, #f0ab6b); --known-soft: light-dark(#fbf0e4, #2c2119);
  --serif: var(--tarih-serif, "Iowan Old Style", Charter, "Source Serif 4", "Palatino Linotype", Georgia, "Liberation Serif", serif);
  --sans: var(--tarih-sans, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif);
  --track: 38%;
  background: var(--paper); color: var(--ink); font: 400 1rem/1.5 var(--sans);
}
:host([theme=light]) { color-scheme: light; } :host([theme=dark]) { color-scheme: dark; } :host([hidden]) { display: none; }
* { box-sizing: border-box; } [hidden] { display: none !important; }
p, ol, ul, fieldset { margin: 0; padding: 0; border: 0; } ol, ul { list-style: none; }
button, select, input[type=date] {
  font: inherit; font-size: .875rem; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 4px;
  padding: .3rem .65rem; min-height: 2.25rem;
}
button { cursor: pointer; } button:hover:not(:disabled) { border-color: var(--quiet); } button:disabled { color: var(--quiet); opacity: .6; cursor: default; }
select, option { background-color: var(--paper); }
:focus-visible { outline: 2px solid var(--valid-ink); outline-offset: 2px; }
.whole { padding: 1.25rem clamp(1rem, 4cqw, 2rem) 1.5rem; }
.sentence { font: 400 clamp(1.3rem, 1rem + 1.7cqw, 2rem)/1.25 var(--serif); letter-spacing: -.01em; text-wrap: balance; }
.sentence b { font-weight: 600; } .sentence .valid { color: var(--valid-ink); } .sentence .knowing { color: var(--known-ink); } .so-far { color: var(--quiet); }
.axes { display: grid; gap: .5rem; margin-top: 1.1rem; }
.axis { display: grid; grid-template-columns: 13.5rem minmax(0, 1fr) 9.5rem; gap: 0 1rem; align-items: start; }
.axis label { font-size: .9375rem; font-weight: 600; line-height: 1.2; padding-top: .55rem; }
.valid.axis { --axis: var(--valid-ink); } .reported.axis, .known.axis { --axis: var(--known-ink); } .axis label { color: var(--axis); }
.rail { display: grid; grid-template-columns: 2.25rem minmax(0, 1fr) 2.25rem; gap: .5rem; align-items: start; }
.step { padding: 0; font-size: 1.15rem; line-height: 1; }
.slide { padding-top: .3rem; }
input[type=range] { -webkit-appearance: none; appearance: none; display: block; width: 100%; height: 1.65rem; margin: 0; background: transparent; cursor: pointer; }
input[type=range]::-webkit-slider-runnable-track { height: 4px; border-radius: 2px; background: linear-gradient(to right, var(--axis) calc(var(--part, 1) * 100%), var(--line) 0); }
input[type=range]::-moz-range-track { height: 4px; border-radius: 2px; background: linear-gradient(to right, var(--axis) calc(var(--part, 1) * 100%), var(--line) 0); }
input[type=range]::-webkit-slider-thumb { -webkit-appearance: none; width: 20px; height: 20px; margin-top: -8px; border-radius: 50%; background: var(--axis); border: 3px solid var(--paper); box-shadow: 0 0 0 1.5px var(--axis); }
input[type=range]::-moz-range-thumb { width: 14px; height: 14px; border-radius: 50%; background: var(--axis); border: 3px solid var(--paper); box-shadow: 0 0 0 1.5px var(--axis); }
.ticks { position: relative; height: 1.35rem; margin: -.3rem 10px 0; container-type: inline-size; }
.ticks i { position: absolute; top: 0; width: 1px; height: 5px; background: var(--quiet); } .ticks .now { height: 8px; width: 2px; background: var(--axis); }
.ticks b, .ruler b { position: absolute; top: 6px; transform: translateX(-50%); font: 400 .6875rem/1.2 var(--sans); color: var(--quiet); white-space: nowrap; }
.switch { margin-left: auto; display: flex; flex-wrap: wrap; gap: .35rem 1rem; font-size: .875rem; align-items: baseline; } .switch legend { float: left; margin-right: 1rem; color: var(--quiet); }
.switch label { display: inline-flex; gap: .35rem; align-items: center; min-height: 1.75rem; cursor: pointer; } .switch input { accent-color: var(--known-ink); margin: 0; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 0; }
.compared { margin-top: .75rem; padding-left: .75rem; border-left: 3px solid var(--known-ink); font-size: .9375rem; }
.spoken { font-size: .875rem; color: var(--known-ink); font-weight: 600; margin-top: .6rem; min-height: 1.5em; } .spoken:not(.shown) { opacity: 0; }
.glance { border-top: 1px solid var(--ink); padding-top: .9rem; margin-top: .4rem; display: flex; flex-wrap: wrap; gap: 1rem 2.25rem; }
.caption { font-size: .8125rem; color: var(--quiet); } .figures { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .3rem; }
.figure { display: grid; align-content: start; min-width: 6.5rem; max-width: 13rem; padding: .5rem .7rem .55rem; background: var(--soft); border-radius: 4px; border: 1px solid transparent; }
.figure .number { font: 500 1.9rem/1.05 var(--serif); font-variant-numeric: lining-nums; } .figure .word { font-size: 1.35rem; line-height: 1.4; font-style: italic; }
.figure sup { font-size: .95rem; color: var(--quiet); margin-left: .1em; vertical-align: super; line-height: 0; }
.figure .label { font-size: .8125rem; line-height: 1.3; } .figure .note { font-size: .8125rem; line-height: 1.3; color: var(--quiet); }
.figure.possible { background: transparent; border: 1px dashed var(--quiet); }
.figure.odd { background: var(--known-soft); border-color: var(--known-ink); } .figure .why { color: var(--known-ink); font-weight: 600; }
.figure.ghost { background: transparent; border: 1px dashed var(--known-ink); } .figure.ghost .number, .figure.ghost .label { color: var(--quiet); } .figure.ghost .label { text-decoration: line-through; }
.rest { flex-basis: 100%; font-size: .9375rem; color: var(--quiet); } .rest::first-letter { text-transform: uppercase; }
.bar { display: flex; flex-wrap: wrap; gap: .6rem; justify-content: space-between; margin-top: 1.6rem; } .filters, .zoom { display: flex; flex-wrap: wrap; gap: .4rem; } .filters select { max-width: 13rem; }
.zoom button { min-width: 2.25rem; }
.ruler { position: relative; height: 2.6rem; margin: .8rem 0 0 calc(100% - var(--track)); border-bottom: 1px solid var(--ink); overflow: hidden; }
.ruler b { top: auto; bottom: 3px; } .density { position: absolute; inset: 0 0 1.15rem; } .density i { position: absolute; bottom: 0; width: 2px; margin-left: -1px; background: var(--line); }
.entry { contain: content; position: relative; display: grid; grid-template-columns: 9.5rem minmax(0, 1fr) var(--track); gap: 0 1.25rem; border-bottom: 1px solid var(--line); cursor: default; }
.entry > .when, .entry > .what { padding: .55rem 0 .6rem; } .when { font-size: .875rem; color: var(--quiet); line-height: 1.4; padding-top: .65rem !important; }
.title { font: 500 1.0625rem/1.35 var(--serif); text-wrap: pretty; } .meta, .sources, .why, .details { font-size: .8125rem; line-height: 1.45; color: var(--quiet); }
.meta .type { color: var(--ink); font-weight: 600; } .meta .time, .meta .official { font-style: italic; color: var(--ink); } .standing { white-space: nowrap; } .standing.denied, .standing.disputed, .standing.confirmed { color: var(--ink); font-weight: 600; }
.sources a { color: inherit; text-underline-offset: 2px; } .sources a:hover { color: var(--valid-ink); }
.entry .why { color: var(--known-ink); font-weight: 600; }
.entry.odd { box-shadow: inset 3px 0 var(--known-ink); } .entry.odd > .when { padding-left: .75rem; } .entry.ghost .title { color: var(--quiet); font-style: italic; }
.entry.not-yet .title, .entry.over .title, .entry.lapsed .title { color: var(--quiet); } .entry.denied .title { text-decoration: line-through; }
.entry.chosen { background: var(--soft); } .details { margin-top: .4rem; } .details .id { font-family: ui-monospace, monospace; font-size: .75rem; overflow-wrap: anywhere; }
.entry:focus-visible { outline-offset: -2px; }
.divider { padding: .5rem 0 .4rem; font-size: .8125rem; font-weight: 600; color: var(--valid-ink); border-bottom: 1px solid var(--valid-ink); }
.expectations .heading { font: 600 .9375rem var(--sans); margin-top: 1.6rem; padding-bottom: .4rem; border-bottom: 1px solid var(--ink); }
.track {
  --line-at: color-mix(in srgb, var(--valid-ink) 55%, transparent); --known-at: color-mix(in srgb, var(--known-ink) 55%, transparent);
  position: relative; overflow: hidden; min-height: 1.6rem; print-color-adjust: exact; -webkit-print-color-adjust: exact;
  background: linear-gradient(var(--line-at), var(--line-at)) var(--valid, -9%) 0/2px 100% no-repeat, linear-gradient(var(--known-at), var(--known-at)) var(--reported, -9%) 0/2px 100% no-repeat, var(--grid, none);
}
.track i { --mark: var(--ink); position: absolute; top: 1.05rem; height: 10px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.track .dot { width: 10px; margin-left: -5px; background: var(--mark); border-radius: 50%; }
.track .hatch { border: 1px solid var(--mark); border-radius: 2px; background: repeating-linear-gradient(135deg, var(--mark) 0 1.5px, transparent 1.5px 5px); }
.track .solid { height: 4px; margin-top: 3px; background: var(--mark); }
.track .arrow::after { content: ""; position: absolute; right: -1px; top: -4px; border: solid transparent; border-width: 6px 0 6px 8px; border-left-color: var(--mark); }
.track .fadein { background: linear-gradient(to right, transparent, var(--mark)); mask: repeating-linear-gradient(135deg, #000 0 1.5px, transparent 1.5px 5px); border-right: 1px solid var(--mark); }
.track .fadeout { background: linear-gradient(to right, var(--mark), transparent); }
.possible .track i, .not-yet .track i, .over .track i, .lapsed .track i { --mark: var(--quiet); } .not-yet .dot, .expected .dot { background: transparent; border: 2px solid var(--mark); }
.expected .hatch { background: none; border-style: dashed; } .odd .track i { --mark: var(--known-ink); } .ghost .track .hatch { background: none; border-style: dashed; } .ghost .track .dot { background: transparent; border: 2px dashed var(--mark); } .ghost .track .solid { background: repeating-linear-gradient(to right, var(--mark) 0 4px, transparent 4px 8px); }
.track.denied .dot { border-radius: 0; background: linear-gradient(45deg, transparent 42%, var(--mark) 0 58%, transparent 0), linear-gradient(-45deg, transparent 42%, var(--mark) 0 58%, transparent 0); } .track.denied .hatch { background: linear-gradient(var(--mark), var(--mark)) 0 50%/100% 2px no-repeat; } .track.disputed .dot { border: 2px solid var(--mark); background: linear-gradient(to right, var(--mark) 50%, transparent 0); } .track.confirmed .dot { box-shadow: 0 0 0 2px var(--paper), 0 0 0 4px var(--mark); }
.more { margin-top: 1rem; } .fault { padding: 2rem; }
.legend { margin-top: 1.4rem; font-size: .8125rem; color: var(--quiet); } .legend summary { cursor: pointer; } .legend ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .35rem 1rem; margin-top: .6rem; }
.legend li { display: flex; gap: .7rem; align-items: center; } .legend .track { flex: none; width: 3.5rem; min-height: 1rem; } .legend .track i { left: 8%; width: 80%; top: 3px; } .legend .track .dot, .legend .track .ghost { left: 45%; width: 10px; margin: 0; } .legend .ghost { background: transparent; border: 2px dashed var(--mark); border-radius: 50%; }
@container (max-width: 46rem) {
  .whole { padding: 1rem; } .axis { grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .75rem; } .axis label { padding-top: .5rem; } .rail { grid-column: 1 / -1; grid-row: 2; }
  .glance { gap: .9rem; } .group { flex-basis: 100%; } .figure { min-width: 5.5rem; flex: 1 1 5.5rem; } .figure.wide { flex-basis: 100%; max-width: none; }
  .filters { flex: 1 1 100%; } .filters select { flex: 1 1 8rem; min-width: 0; max-width: none; } .switch { margin-left: 0; }
  .ruler { margin-left: 0; } .entry { grid-template-columns: minmax(0, 1fr); } .entry > .when { padding: .7rem 0 0 !important; } .entry > .what { padding: .1rem 0 .2rem; } .entry.odd > .what, .entry.odd > .when { padding-left: .75rem !important; }
  .entry .track { min-height: 1.9rem; } .entry .track i { top: .55rem; }
}
@media (min-width: 60rem) and (min-height: 44rem) { .head { position: sticky; top: 0; z-index: 3; background: var(--paper); padding: .75rem 0 .25rem; margin-top: -.75rem; } }
@media (prefers-reduced-motion: no-preference) { .figure, .entry { transition: background-color .25s; } }
@media print {
  .axes, .tools, .bar, .more, .legend, .spoken { display: none; } .head { position: static; } .entry, .figure { break-inside: avoid; } :host { color-scheme: light; background: none; }
}
@media (forced-colors: active) { .track i { forced-color-adjust: none; --mark: CanvasText; } }
`;

let made;

export function sheet() {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(CSS);
  }
  return made;
}
