// How the tools look, and what they say of the entries.

export const TOOL_STYLE = `
:host { --known-soft: light-dark(#fbf0e4, #2c2119); }
select, option { background-color: var(--paper); }
[type=range]:focus-visible { outline: none; }
[type=range]:focus-visible::-webkit-slider-thumb { outline: 2px solid var(--axis); outline-offset: 3px; }
[type=range]:focus-visible::-moz-range-thumb { outline: 2px solid var(--axis); outline-offset: 3px; }
.switch { margin-left: auto; display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .875rem; align-items: center; } .switch legend { float: left; color: var(--quiet); }
.switch label { display: inline-flex; gap: .35rem; align-items: center; min-height: 1.75rem; cursor: pointer; } .switch input { accent-color: var(--known-ink); margin: 0; }
.compared { margin-top: .75rem; padding-left: .75rem; border-left: 3px solid var(--known-ink); font-size: .9375rem; }
.glance:empty { display: none; } .glance { border-top: 1px solid var(--ink); padding-top: .9rem; margin-top: .4rem; display: flex; flex-wrap: wrap; gap: 1rem 2.25rem; }
.caption { font-size: .8125rem; color: var(--quiet); } .figures { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .3rem; }
.figure { display: grid; align-content: start; min-width: 6.5rem; max-width: 13rem; padding: .5rem .7rem .55rem; background: var(--soft); border-radius: 4px; border: 1px solid transparent; }
.figure .number { font: 500 1.9rem/1.05 var(--serif); font-variant-numeric: lining-nums; white-space: nowrap; } .figure .word { white-space: normal; font-size: 1.35rem; line-height: 1.4; font-style: italic; }
.figure sup { font-size: .95rem; color: var(--quiet); margin-left: .1em; vertical-align: super; line-height: 0; }
.figure .label { font-size: .8125rem; line-height: 1.3; } .figure .note { font-size: .8125rem; line-height: 1.3; color: var(--quiet); }
.figure.possible { background: transparent; border: 1px dashed var(--quiet); }
.figure.odd { background: var(--known-soft); border-color: var(--known-ink); } .figure .why { color: var(--known-ink); font-weight: 600; }
.figure.ghost { background: transparent; border: 1px dashed var(--known-ink); } .figure.ghost .number, .figure.ghost .label { color: var(--quiet); } .figure.ghost .label { text-decoration: line-through; }
.rest { flex-basis: 100%; font-size: .9375rem; color: var(--quiet); } .rest::first-letter { text-transform: uppercase; }
.bar { display: flex; flex-wrap: wrap; gap: .6rem; justify-content: space-between; margin-top: 1.6rem; } .filters, .zoom { display: flex; flex-wrap: wrap; gap: .4rem; } .filters select { max-width: 13rem; }
.zoom button { min-width: 2.25rem; }
.entry .why { color: var(--known-ink); font-weight: 600; }
.entry.odd { box-shadow: inset 3px 0 var(--known-ink); } .entry.odd > .when { padding-left: .75rem; } .entry.ghost .title { color: var(--quiet); font-style: italic; }
.legend { margin-top: 1.4rem; font-size: .8125rem; color: var(--quiet); } .legend summary { cursor: pointer; } .legend ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .35rem 1rem; margin-top: .6rem; }
.legend li { display: flex; gap: .7rem; align-items: center; } .legend .track { flex: none; width: 3.5rem; min-height: 1rem; } .legend .track i { left: 8%; width: 80%; top: 3px; } .legend .track .dot, .legend .track .ghost { left: 45%; width: 10px; margin: 0; } .legend .ghost { background: transparent; border: 2px dashed var(--mark); border-radius: 50%; }
.ticks i { position: absolute; top: 0; width: 1px; height: 5px; background: var(--quiet); } .ticks .now { height: 8px; width: 2px; background: var(--axis); }
.ticks b, .ruler b { position: absolute; top: 6px; transform: translateX(-50%); font: 400 .6875rem/1.2 var(--sans); color: var(--quiet); white-space: nowrap; }
.ruler b { top: auto; bottom: 3px; }
.density { position: absolute; inset: 0 0 1.15rem; } .density i { position: absolute; bottom: 0; width: 2px; margin-left: -1px; background: var(--line); }
.track.denied .dot { border-radius: 0; background: linear-gradient(45deg, transparent 42%, var(--mark) 0 58%, transparent 0), linear-gradient(-45deg, transparent 42%, var(--mark) 0 58%, transparent 0); } .track.denied .hatch { background: linear-gradient(var(--mark), var(--mark)) 0 50%/100% 2px no-repeat; }
.track.disputed .dot { border: 2px solid var(--mark); background: linear-gradient(to right, var(--mark) 50%, transparent 0); } .track.confirmed .dot { box-shadow: 0 0 0 2px var(--paper), 0 0 0 4px var(--mark); }
.entry .why, .details { font-size: .8125rem; line-height: 1.45; }
.details { margin-top: .4rem; color: var(--quiet); } [dir=auto] { text-align: -webkit-match-parent; text-align: match-parent; } .details .id { font-family: ui-monospace, monospace; font-size: .75rem; overflow-wrap: anywhere; }
.odd .track i { --mark: var(--known-ink); } .ghost .track .hatch { background: none; border-style: dashed; } .ghost .track .dot { background: transparent; border: 2px dashed var(--mark); } .ghost .track .solid { background: repeating-linear-gradient(to right, var(--mark) 0 4px, transparent 4px 8px); }
@container (max-width: 46rem) {
  .glance { gap: .9rem; } .group { flex-basis: 100%; } .figure { min-width: auto; flex: 1 1 5.5rem; } .figure.wide { flex-basis: 100%; max-width: none; }
  .filters { flex: 1 1 100%; min-width: 0; } .filters select { flex: 1 1 8rem; min-width: 0; max-width: 100%; }
  .tools { gap: .35rem; } .tools button { padding-inline: .4rem; } .switch { flex: 1 1 100%; } .switch legend { float: none; width: 100%; padding: 0; }
  .entry.odd > .what, .entry.odd > .when { padding-left: .75rem !important; }
}
@media (prefers-reduced-motion: no-preference) { .figure, .entry { transition: background-color .25s; } }
@media (min-width: 60rem) and (min-height: 44rem) { .head { position: sticky; top: 0; z-index: 3; background: var(--paper); padding: .75rem 0 .25rem; margin-top: -.75rem; } }
@media print {
  .axes, .tools, .bar, .more, .legend, .spoken { display: none; } .head { position: static; } .track, .track i { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .entry, .figure { break-inside: avoid; } :host { color-scheme: light; background: none; }
}
`;
