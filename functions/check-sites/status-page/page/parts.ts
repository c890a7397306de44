import { escapeHtml } from "../../../../shared/html/escape-html.ts";
import { durationText } from "../../../../shared/time/duration.ts";
import type { Announcement, IncidentStatus, SiteStatus } from "../document.ts";
import { STATE_WORDS, time } from "./shell.ts";

/** Parts that more than one page has. */

const WORST_WORDS = { DOWN: "Down", DEGRADED: "Degraded" } as const;

/** A table of incidents, or a sentence that there was none. */
export function incidentTable(incidents: readonly IncidentStatus[], at: string, timeZone: string): string {
  if (incidents.length === 0) return "<p>None.</p>";
  const rows = incidents.map(({ site, since, until, worst, reason, cause }) => {
    const lasted = durationText(Date.parse(until ?? at) - Date.parse(since));
    const why = `${escapeHtml(reason)}${cause === undefined ? "" : `: ${escapeHtml(cause)}`}`;
    return `<tr><th scope="row">${escapeHtml(site)}</th><td>${WORST_WORDS[worst]}</td><td>${time(since, timeZone)}</td><td>${until === undefined ? `open, ${lasted} so far` : lasted}</td><td>${why}</td></tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="Table of incidents"><table><thead><tr><th scope="col">Site</th><th scope="col">State</th><th scope="col">Began</th><th scope="col">Lasted</th><th scope="col">Cause</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

/** What was found of an open incident. `heading` is HTML: the site's name, as a link where its page is another one. */
export function openIncident(
  { name, incident }: SiteStatus,
  timeZone: string,
  heading = escapeHtml(name),
): string {
  if (!incident) return "";
  const { since, worst, found } = incident;
  const list = found.map(
    ({ reason, text }) => `<li><strong>${escapeHtml(reason)}</strong>: ${escapeHtml(text)}</li>`,
  );
  return `<article class="card incident ${worst}">
<div class="head"><h3 class="name">${heading}</h3><span class="soft">${WORST_WORDS[worst]} since ${time(since, timeZone)}</span></div>
${list.length > 0 ? `<ul>${list.join("")}</ul>` : ""}
</article>`;
}

export function announcementCard(
  { title, text, severity, from, until }: Announcement,
  timeZone: string,
): string {
  const times =
    from && until ? `<p class="soft">${time(from, timeZone)} to ${time(until, timeZone)}</p>` : "";
  const word = { information: "Announcement", maintenance: "Planned maintenance", warning: "Warning" }[
    severity
  ];
  return `<article class="card announcement ${severity}"><h3 class="name">${word}: ${escapeHtml(title)}</h3>${times}${text === undefined ? "" : `<p>${escapeHtml(text)}</p>`}</article>`;
}

export function stateWord({ state }: SiteStatus): string {
  return `<span class="state">${STATE_WORDS[state]}</span>`;
}
