/** How the page looks: one column, light or dark as the reader prefers, nothing from elsewhere. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1c2330; --quiet: #566072; --paper: #ffffff; --line: #d9dde4; --tint: #f4f6f9; --bar: #d6e3f7;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ef; --quiet: #a3adbd; --paper: #14181f; --line: #2c333f; --tint: #1b212a; --bar: #24405f; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 66rem;
  color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 0.75rem; padding-bottom: 0.25rem; border-bottom: 1px solid var(--line); font-size: 1.2rem; }
p, ul, ol, dl { margin: 0.5rem 0; }
li { margin: 0.25rem 0; }
code, pre { font: 0.875em/1.45 ui-monospace, monospace; unicode-bidi: isolate; }
.quiet { color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 1.25rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.headline { padding: 1rem 1.25rem; border-radius: 0.5rem; background: var(--tint); }
.headline dd strong { font-size: 1.15em; }
.wide, pre { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.9rem 0.25rem 0; text-align: left; font-weight: normal; vertical-align: baseline; }
thead th { border-bottom: 1px solid var(--line); color: var(--quiet); font-size: 0.875rem; }
tbody tr + tr > * { border-top: 1px solid var(--tint); }
tfoot > tr:first-child > * { border-top: 1px solid var(--line); }
tbody th, tfoot th { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
td.share {
  padding-left: 5rem;
  background: linear-gradient(var(--bar), var(--bar)) 0.9rem 0.6rem / calc(var(--part) * 0.04rem) 0.8rem no-repeat;
}
summary { cursor: pointer; }
details { margin: 0.5rem 0; }
.parts { padding-left: 0; list-style: none; }
.parts .parts { padding-left: 1.5rem; }
.parts .causes { display: block; padding-left: 1.1rem; color: var(--quiet); font-size: 0.875rem; }
pre { padding: 1rem; border-radius: 0.5rem; background: var(--tint); }
.lasm-figure { display: block; width: 100%; max-width: 45rem; height: auto; margin: 1rem 0; }
@media print { body { max-width: none; padding: 0; } pre { overflow: visible; white-space: pre-wrap; } }
`;
