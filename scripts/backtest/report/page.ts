import { escapeHtml } from "../../../shared/html/escape-html.ts";
import { type Mark, marksIn, type Plot, plotSvg } from "./plot.ts";

/** What a report's page has; texts are escaped here. */
export interface Page {
  readonly title: string;
  readonly headline: string;
  readonly source: string;
  readonly plot: Plot;
  readonly plotTitle: string;
  /** What the plot's colours are called, by their class. */
  readonly legend: Readonly<Record<"demand" | "capacity" | "refused" | "out" | "in", string>>;
  /** What a row of the table is, and the names of its other columns. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** HTML between the table and the notes. */
  readonly sections: string;
  readonly notes: readonly string[];
}

/**
 * A report as one HTML file: nothing is loaded from elsewhere, which its policy forbids too. Light or dark as the reader
 * has it; the decisions can be read by pointer and by keyboard, and stand in a table as well.
 */
export function pageOf(page: Page): string {
  const marks = marksIn(page.plot);
  const title = escapeHtml(page.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="headline">${escapeHtml(page.headline)}</p>
<p class="source">${escapeHtml(page.source)}</p>
${plotSection(page, marks)}
${tableSection(page)}
${page.sections}
${page.notes.length > 0 ? `<h2>Notes</h2>\n<ul>${page.notes.map((one) => `<li>${escapeHtml(one)}</li>`).join("")}</ul>` : ""}
<details>
<summary>All ${marks.length} changes, with their reasons</summary>
<ol class="changes">${marks.map(({ text }) => `<li>${escapeHtml(text)}</li>`).join("")}</ol>
</details>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function plotSection({ plot, plotTitle, legend }: Page, marks: readonly Mark[]): string {
  const entries = Object.entries(legend).map(
    ([key, name]) => `<span class="entry"><span class="key ${key}"></span>${escapeHtml(name)}</span>`,
  );
  const hint =
    marks.length > 0
      ? "Point at a change, or go to one with Tab and from one to the next with the arrow keys."
      : "Nothing was changed.";
  return `<h2 id="plot">${escapeHtml(plotTitle)}</h2>
<p class="legend">${entries.join(" ")}</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="plot">
${plotSvg(plot, marks)}
</div>
<p class="detail" id="detail" aria-live="polite">${hint}</p>`;
}

function tableSection({ columns, rows }: Page): string {
  const head = columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  return `<h2 id="alternatives">Alternatives</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="alternatives">
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${rows.map(tableRow).join("\n")}
</tbody>
</table>
</div>`;
}

function tableRow([name = "", ...cells]: readonly string[]): string {
  return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
}

const STYLE = `
:root { --ink: #1a2230; --soft: #566072; --paper: #fff; --line: #d5dae2; --demand: #9dbcec; --capacity: #1d4f9e; --bad: #b3261e; --in: #0b6b4f; --out: #8a4b00; --focus: #d81b7a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf3; --soft: #a9b4c5; --paper: #12161d; --line: #343c49; --demand: #37578a; --capacity: #8fb8ff; --bad: #ff8a80; --in: #5fd3a8; --out: #ffb55c; --focus: #ff7ab8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 16px 20px 48px; }
h1 { font-size: 1.5rem; margin: 0 0 8px; }
h2 { font-size: 1.15rem; margin: 32px 0 8px; }
.headline { font-size: 1.1rem; margin: 0; max-width: 90ch; }
.source, .legend { color: var(--soft); margin: 4px 0; }
.scroll { overflow-x: auto; }
.scroll:focus-visible, summary:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
svg { display: block; width: 100%; min-width: 1000px; height: auto; font-size: 13px; }
svg text { fill: var(--soft); } svg text.left { text-anchor: end; }
.grid, .axis { stroke: var(--line); } .axis { stroke: var(--soft); }
path.demand { fill: var(--demand); } path.capacity { fill: none; stroke: var(--capacity); stroke-width: 2; } path.refused { fill: var(--bad); }
.mark { cursor: pointer; outline: none; } .mark circle { fill: transparent; }
.mark.out path { fill: var(--out); } .mark.in path { fill: var(--in); }
.mark:focus circle, .mark.shown circle { stroke: var(--focus); stroke-width: 3; }
.detail { border-left: 4px solid var(--capacity); padding: 4px 12px; min-height: 5em; margin: 8px 0; max-width: 100ch; overflow-wrap: anywhere; }
.key { display: inline-block; width: 14px; height: 10px; margin-right: 4px; } .entry { display: inline-block; margin-right: 12px; }
.key.demand { background: var(--demand); } .key.capacity { background: var(--capacity); height: 3px; vertical-align: middle; } .key.refused { background: var(--bad); }
.key.out, .key.in { width: 0; height: 0; border: 6px solid transparent; } .key.out { border-bottom-color: var(--out); border-top: 0; } .key.in { border-top-color: var(--in); border-bottom: 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
@media (max-width: 600px) { th:first-child { white-space: normal; min-width: 8rem; } th, td { padding: 4px 8px; } }
li { margin: 6px 0; overflow-wrap: anywhere; }
`;

const SCRIPT = `
const marks = [...document.querySelectorAll(".mark")];
const detail = document.getElementById("detail");
const show = (mark) => {
  for (const each of marks) each.classList.toggle("shown", each === mark);
  detail.textContent = mark.getAttribute("aria-label");
};
const goTo = (index) => {
  const mark = marks[Math.max(0, Math.min(marks.length - 1, index))];
  for (const each of marks) each.setAttribute("tabindex", each === mark ? "0" : "-1");
  mark.focus();
};
for (const [index, mark] of marks.entries()) {
  mark.querySelector("title").remove();
  mark.addEventListener("pointerenter", () => show(mark));
  mark.addEventListener("focus", () => show(mark));
  mark.addEventListener("click", () => goTo(index));
  mark.addEventListener("keydown", (event) => {
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    goTo(to);
  });
}
`;
