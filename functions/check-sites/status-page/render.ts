import { createHash } from "node:crypto";
import { dayBars, responseLine, share } from "./charts.ts";
import type { SiteStatus, StatusDocument } from "./document.ts";
import { escapeHtml } from "./escape.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** Nothing may be loaded and nothing may run but the page's own script. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'; base-uri 'none'; form-action 'none'`;

/** The page: one HTML document with everything in it. */
export function renderPage(status: StatusDocument): string {
  const { title, at, sites } = status;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta http-equiv="refresh" content="60">
<title>${escapeHtml(`${overall(sites).short} · ${title}`)}</title>
<style>${STYLE}</style>
</head>
<body data-at="${at}">
<main>
<h1>${escapeHtml(title)}</h1>
<p class="overall ${overall(sites).state}" role="status">${escapeHtml(overall(sites).sentence)}</p>
<p class="stale" id="stale" role="alert">This page has not been renewed for more than five minutes: the checks may have stopped, and what it shows may be over.</p>
${incidents(sites)}
<section aria-label="Sites">
<h2>Sites</h2>
${sites.map(card).join("\n")}
</section>
${certificates(sites)}
<footer class="soft">Checked <time datetime="${at}">${spokenTime(at)}</time> (<span id="age">at the time shown</span>) · <a href="status.json">status.json</a></footer>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

const STATE_WORDS: Readonly<Record<SiteStatus["state"], string>> = {
  UP: "Up",
  DEGRADED: "Degraded",
  DOWN: "Down",
  UNKNOWN: "Unknown",
  PENDING: "Not known yet",
};

function overall(sites: readonly SiteStatus[]): {
  state: SiteStatus["state"];
  short: string;
  sentence: string;
} {
  const count = (state: SiteStatus["state"]) => sites.filter((site) => site.state === state).length;
  const total = `${sites.length} ${sites.length === 1 ? "site" : "sites"}`;
  for (const state of ["DOWN", "DEGRADED", "UNKNOWN", "PENDING"] as const) {
    const number = count(state);
    if (number === 0) continue;
    const words = STATE_WORDS[state].toLowerCase();
    return {
      state,
      short: `${number} ${words}`,
      sentence: `${number} of ${total} ${number === 1 ? "is" : "are"} ${words}`,
    };
  }
  return {
    state: "UP",
    short: "All up",
    sentence: sites.length === 1 ? "The site is up" : `All ${total} are up`,
  };
}

function incidents(sites: readonly SiteStatus[]): string {
  const open = sites.flatMap(({ name, incident }) => (incident ? [{ name, ...incident }] : []));
  if (open.length === 0) return "";
  const cards = open.map(
    ({ name, since, worst, found }) => `<article class="card incident ${worst}">
<div class="head"><span class="name">${escapeHtml(name)}</span><span class="soft">since <time datetime="${since}">${spokenTime(since)}</time></span></div>
<ul>${found.map(({ reason, text }) => `<li><strong>${escapeHtml(reason)}</strong>: ${escapeHtml(text)}</li>`).join("")}</ul>
</article>`,
  );
  return `<section aria-label="Open incidents"><h2>Open incidents</h2>\n${cards.join("\n")}\n</section>`;
}

function card(site: SiteStatus): string {
  const { name, address, state, inMaintenance, availability } = site;
  const maintenance = inMaintenance ? ' <span class="soft">in maintenance</span>' : "";
  return `<article class="card ${state}">
<div class="head"><span class="name">${escapeHtml(name)}</span><span class="state">${STATE_WORDS[state]}</span></div>
<div class="address">${escapeHtml(address)}${maintenance}</div>
${dayBars(site)}
<div class="scale"><span class="day">90 days</span><span>${share(availability)}</span></div>
${responseLine(site)}
</article>`;
}

function certificates(sites: readonly SiteStatus[]): string {
  const rows = sites
    .flatMap(({ name, certificate }) => (certificate ? [{ name, ...certificate }] : []))
    .sort((a, b) => a.days - b.days)
    .map(
      ({ name, issuer, expires, days }) =>
        `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(issuer)}</td><td>${expires.slice(0, 10)} (${days < 0 ? "expired" : `${days} days`})</td></tr>`,
    );
  if (rows.length === 0) return "";
  return `<section aria-label="Certificates"><h2>Certificates</h2>
<table><thead><tr><th>Site</th><th>Issued by</th><th>Expires</th></tr></thead><tbody>${rows.join("")}</tbody></table>
</section>`;
}

/** `2026-03-01 10:31 UTC`. */
function spokenTime(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC`;
}
