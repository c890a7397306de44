import { escapeHtml } from "../../../shared/html/escape-html.ts";
import { durationText } from "../../../shared/time/duration.ts";
import type { IncidentStatus, StatusDocument } from "./document.ts";
import { sitePath } from "./page/shell.ts";

/** Entries in the feed: a reader asks often. */
const ENTRIES = 50;

/** Incidents as an Atom feed (RFC 4287): one entry each, which is updated when it ends. */
export function renderFeed({ title, at, incidents }: StatusDocument, url: string | undefined): string {
  const shown = incidents.slice(0, ENTRIES);
  const updated =
    shown
      .map(({ since, until }) => until ?? since)
      .toSorted()
      .at(-1) ?? at;
  const link =
    url === undefined
      ? ""
      : `<link href="${escapeHtml(withSlash(url))}"/><link rel="self" href="${escapeHtml(withSlash(url))}feed.xml"/>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>${escapeHtml(url ?? `urn:reflex:status:${encodeURIComponent(title)}`)}</id>
<title>${text(title)}</title>
<updated>${updated}</updated>
<author><name>Reflex</name></author>
${link}
${shown.map((incident) => entry(incident, url)).join("\n")}
</feed>
`;
}

function entry(
  { site, since, until, worst, reason, cause }: IncidentStatus,
  url: string | undefined,
): string {
  const word = worst === "DOWN" ? "down" : "degraded";
  const lasted = until === undefined ? "" : ` for ${durationText(Date.parse(until) - Date.parse(since))}`;
  const title = until === undefined ? `${site} is ${word}` : `${site} was ${word}${lasted}`;
  const link = url === undefined ? "" : `<link href="${escapeHtml(withSlash(url) + sitePath(site))}"/>`;
  return `<entry><id>urn:reflex:incident:${encodeURIComponent(site)}:${Date.parse(since)}</id><title>${text(title)}</title><published>${since}</published><updated>${until ?? since}</updated>${link}<content type="text">${text(cause === undefined ? reason : `${reason}: ${cause}`)}</content></entry>`;
}

/** XML 1.0 has no way at all to write most control characters. */
function text(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return escapeHtml(value.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, " "));
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
