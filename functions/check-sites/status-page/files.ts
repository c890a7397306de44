import type { StatusPage } from "../config/sites.ts";
import { renderBadge } from "./badge.ts";
import type { SiteStatus, StatusDocument } from "./document.ts";
import { renderFeed } from "./feed.ts";
import { renderIndex } from "./page/index-page.ts";
import { sitePath } from "./page/shell.ts";
import { renderSite } from "./page/site-page.ts";
import type { PageFile } from "./upload.ts";

const HTML = "text/html; charset=utf-8";
/** A site's own page and its badge are written this often, and when its state changes: each costs a PUT. */
const RENEWED_EVERY_MINUTES = 15;

/** Every file that this minute's run writes. */
export function pageFiles(
  status: StatusDocument,
  page: StatusPage,
  changed: ReadonlySet<string>,
): PageFile[] {
  const look = { timeZone: page.timeZone, logo: page.logo };
  const url = page.url ?? (page.domain && `https://${page.domain.name}`);
  const minute = Math.floor(Date.parse(status.at) / 60_000);
  const renewed = status.sites.filter(
    ({ name }, index) => changed.has(name) || (index + minute) % RENEWED_EVERY_MINUTES === 0,
  );
  return [
    { name: "status.json", type: "application/json", content: JSON.stringify(status) },
    { name: "index.html", type: HTML, content: renderIndex(status, look) },
    { name: "feed.xml", type: "application/atom+xml; charset=utf-8", content: renderFeed(status, url) },
    ...renewed.flatMap((site) => ownFiles(site, status, look)),
  ];
}

function ownFiles(
  site: SiteStatus,
  status: StatusDocument,
  look: Parameters<typeof renderSite>[2],
): PageFile[] {
  return [
    { name: sitePath(site.name), type: HTML, content: renderSite(site, status, look) },
    { name: `badges/${site.name}.svg`, type: "image/svg+xml", content: renderBadge(site) },
  ];
}
