/** The style of report.html: readable on a screen, and on A4 in black. System fonts alone: nothing is fetched. */
export const reportStyle = `
:root { color-scheme: light; --ink: #16191d; --soft: #5a6470; --line: #cfd6dd; --tint: #f4f6f8; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 50rem; background: #fff; color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
header { border-bottom: 2px solid var(--ink); margin-bottom: 1.25rem; }
.kind { margin: 0; color: var(--soft); font-size: .85rem; letter-spacing: .08em; text-transform: uppercase; }
h1 { margin: .15rem 0 .5rem; font-size: 1.9rem; line-height: 1.2; hyphens: auto; }
h2 { margin: 2rem 0 .6rem; font-size: 1.2rem; break-after: avoid; }
.lead { margin: 0 0 1rem; }
.note { margin: 1rem 0; padding: .6rem .9rem; background: var(--tint); border-left: 3px solid var(--line); }
.empty { color: var(--soft); }
.fit { white-space: nowrap; }
.soft { color: var(--soft); }
code { font: .85em/1.4 ui-monospace, Consolas, "DejaVu Sans Mono", monospace; }
dl { margin: 0 0 1rem; }
dl div { display: grid; grid-template-columns: 13rem 1fr; gap: 1rem; padding: .3rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
table { width: 100%; margin: 0 0 1rem; border-collapse: collapse; font-size: .92rem; }
th, td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; border-bottom-color: var(--soft); }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 0 2rem; align-items: start; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
@page { size: A4; margin: 18mm 16mm 20mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h1 { font-size: 18pt; }
  h2 { font-size: 12pt; }
  .note { background: none; }
}
@media (max-width: 36rem) { dl div { grid-template-columns: 1fr; gap: 0; } }
`;
