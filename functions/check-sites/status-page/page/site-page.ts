import { escapeHtml } from "../../../../shared/html/escape-html.ts";
import type { SiteStatus, StatusDocument } from "../document.ts";
import {
  DAY_WORDS,
  dayBars,
  duration,
  kindOfDay,
  legend,
  responseLine,
  responsePoints,
  SLOTS_A_POINT,
  share,
} from "./charts.ts";
import { incidentTable, openIncident, stateWord } from "./parts.ts";
import { type Look, STATE_WORDS, shell, time } from "./shell.ts";

const DAY_MS = 86_400_000;

/** A site's own page: its charts, the numbers in them as tables, all of its incidents. */
export function renderSite(site: SiteStatus, status: StatusDocument, look: Look): string {
  const { name, address, state, since, inMaintenance, certificate } = site;
  const { timeZone } = look;
  const incidents = status.incidents.filter((incident) => incident.site === name);
  const content = [
    `<p><a href="../index.html">${escapeHtml(status.title)}</a></p>`,
    `<div class="card ${state}"><div class="head">${stateWord(site)}${since === undefined ? "" : `<span class="soft">since ${time(since, timeZone)}</span>`}</div>
<div class="address">${escapeHtml(address ?? "")}${inMaintenance ? " in maintenance" : ""}</div>
${certificate ? `<p class="soft">Certificate by ${escapeHtml(certificate.issuer)}, expires ${certificate.expires.slice(0, 10)} (${certificate.days < 0 ? "expired" : `${certificate.days} days`})</p>` : ""}</div>`,
    site.incident
      ? `<section aria-label="Open incident"><h2>Open incident</h2>${openIncident(site, timeZone)}</section>`
      : "",
    `<section aria-label="90 days"><h2>90 days: ${share(site.availability)}</h2>${dayBars(site)}${legend()}${dayTable(site)}</section>`,
    `<section aria-label="Response time"><h2>Response time, 24 hours</h2>${responseLine(site) || "<p>No answer in this time.</p>"}${responseTable(site, timeZone)}</section>`,
    `<section aria-label="Incidents"><h2>Incidents, 90 days</h2>${incidentTable(incidents, status.at, timeZone)}</section>`,
    `<section aria-label="Badge"><h2>Badge</h2><p><a href="../badges/${name}.svg">badges/${escapeHtml(name)}.svg</a></p></section>`,
  ];
  return shell({
    ...look,
    at: status.at,
    title: `${STATE_WORDS[state]}: ${name} · ${status.title}`,
    root: "../",
    heading: name,
    content: content.filter((part) => part !== "").join("\n"),
  });
}

/** What the bars show, as numbers. */
function dayTable({ days }: SiteStatus): string {
  const first = Date.parse(days.from);
  const rows = days.counts.map(([good, degraded, down, unknown], index) => {
    const date = new Date(first + index * DAY_MS).toISOString().slice(0, 10);
    return `<tr><th scope="row">${date}</th><td>${DAY_WORDS[kindOfDay(days, index)]}</td><td>${good}</td><td>${degraded}</td><td>${down}</td><td>${unknown}</td></tr>`;
  });
  return details(
    "days",
    "Each day in numbers",
    ["Day (UTC)", "In a word", "Good checks", "Degraded", "Down", "Unknown"],
    rows.reverse(),
  );
}

/** What the line shows, as numbers. */
function responseTable(site: SiteStatus, timeZone: string): string {
  const points = responsePoints(site);
  const stepMs = SLOTS_A_POINT * site.lastDay.everyMinutes * 60_000;
  const end = Date.parse(site.lastDay.from) + site.lastDay.ms.length * site.lastDay.everyMinutes * 60_000;
  const rows = points.flatMap((ms, index) => {
    if (ms === undefined) return [];
    const at = new Date(end - (points.length - index) * stepMs).toISOString().replace(".000Z", "Z");
    return [`<tr><th scope="row">${time(at, timeZone)}</th><td>${duration(ms)}</td></tr>`];
  });
  return details("times", "Each quarter of an hour in numbers", ["From", "Slowest answer"], rows.reverse());
}

function details(id: string, summary: string, columns: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return "";
  const head = columns.map((column) => `<th scope="col">${column}</th>`).join("");
  return `<details id="${id}"><summary>${summary}</summary><div class="scroll" tabindex="0" role="region" aria-label="${summary}"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div></details>`;
}
