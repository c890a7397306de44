import { createHash } from "node:crypto";
import { escapeHtml } from "../../../../shared/html/escape-html.ts";
import type { SiteStatus } from "../document.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** Nothing may be loaded but an image in the page itself, and nothing may run but the page's own script. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'; base-uri 'none'; form-action 'none'`;

/** How times are shown: the reader's own zone takes the place of the config's where there is JavaScript. */
export interface Look {
  readonly timeZone: string;
  readonly logo?: string | undefined;
}

export interface Shell extends Look {
  readonly at: string;
  readonly title: string;
  /** Where the index is from here: empty on the index itself. */
  readonly root: "" | "../";
  readonly heading: string;
  readonly content: string;
}

/** One page: an HTML document with everything in it. */
export function shell({ at, title, root, heading, content, logo, timeZone }: Shell): string {
  const image = logo === undefined ? "" : `<img class="logo" alt="" src="${escapeHtml(logo)}">`;
  const feed = `<link rel="alternate" type="application/atom+xml" title="Incidents" href="${root}feed.xml">`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(title)}</title>
${feed}
<style>${STYLE}</style>
</head>
<body data-at="${at}">
<main>
<header>${image}<h1>${escapeHtml(heading)}</h1></header>
<p class="stale" id="stale" role="alert" hidden>This page has not been renewed for more than five minutes: the checks may have stopped, and what it shows may be over.</p>
${content}
<footer class="soft">
<p>Checked ${time(at, timeZone)} (<span id="age">at the time shown</span>). <label id="reload-label" hidden><input type="checkbox" id="reload" checked> Reload every minute</label></p>
<p><a href="${root}status.json">status.json</a> · <a href="${root}feed.xml">Feed of incidents</a></p>
</footer>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

export const STATE_WORDS: Readonly<Record<SiteStatus["state"], string>> = {
  UP: "Up",
  DEGRADED: "Degraded",
  DOWN: "Down",
  UNKNOWN: "Unknown",
  PENDING: "Not known yet",
};

/** `2026-03-01 11:31 CET`, in the zone of the config. */
export function time(at: string, timeZone: string): string {
  return `<time datetime="${at}">${spokenTime(at, timeZone)}</time>`;
}

export function spokenTime(at: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
  });
  const parts = Object.fromEntries(
    format.formatToParts(Date.parse(at)).map(({ type, value }) => [type, value]),
  );
  return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute} ${parts.timeZoneName}`;
}

/** The file of a site's own page. */
export function sitePath(name: string): string {
  return `sites/${name}.html`;
}
