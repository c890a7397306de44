import { escapeHtml } from "../../../../shared/html/escape-html.ts";
import type { IncidentStatus, SiteStatus, StatusDocument } from "../document.ts";
import { dayBars, legend, responseLine, share } from "./charts.ts";
import { announcementCard, incidentTable, openIncident, stateWord } from "./parts.ts";
import { type Look, STATE_WORDS, shell, sitePath } from "./shell.ts";

/** Past incidents on the first page; a site's own page has all of its own. */
const RECENT_MS = 14 * 86_400_000;

/** The first page: every site, by group. */
export function renderIndex(status: StatusDocument, look: Look): string {
  const { title, at, sites, announcements, incidents } = status;
  const { timeZone } = look;
  const { state, short, sentence } = overall(sites);
  const open = sites.filter(({ incident }) => incident !== undefined);
  const content = [
    `<p class="overall ${state}" role="status">${escapeHtml(sentence)}</p>`,
    section(
      "Announcements",
      announcements.map((one) => announcementCard(one, timeZone)),
    ),
    section(
      "Open incidents",
      open.map((site) => openIncident(site, timeZone, linked(site))),
    ),
    sites.length > 0 ? legend() : "",
    ...groupsOf(sites).map(([group, members]) => section(group ?? "Sites", members.map(card))),
    sites.length > 0
      ? section("Past incidents, 14 days", [incidentTable(recent(incidents, at), at, timeZone)])
      : "",
    certificates(sites),
  ];
  return shell({
    ...look,
    at,
    title: `${short} · ${title}`,
    root: "",
    heading: title,
    content: content.filter((part) => part !== "").join("\n"),
  });
}

function section(title: string, parts: readonly string[]): string {
  if (parts.length === 0) return "";
  return `<section aria-label="${escapeHtml(title)}"><h2>${escapeHtml(title)}</h2>\n${parts.join("\n")}\n</section>`;
}

/** Groups in the order of the config; sites without one come first. */
function groupsOf(sites: readonly SiteStatus[]): [string | undefined, SiteStatus[]][] {
  const groups = [...Map.groupBy(sites, ({ group }) => group)];
  return groups.toSorted(([a], [b]) => Number(a !== undefined) - Number(b !== undefined));
}

function overall(sites: readonly SiteStatus[]): {
  state: SiteStatus["state"];
  short: string;
  sentence: string;
} {
  if (sites.length === 0) return { state: "PENDING", short: "No sites", sentence: "No site is checked" };
  const total = `${sites.length} ${sites.length === 1 ? "site" : "sites"}`;
  const [worst, ...others] = (["DOWN", "DEGRADED", "UNKNOWN", "PENDING"] as const).flatMap((state) => {
    const number = sites.filter((site) => site.state === state).length;
    return number === 0 ? [] : [{ state, number, words: STATE_WORDS[state].toLowerCase() }];
  });
  if (!worst) {
    const sentence = sites.length === 1 ? "The site is up" : `All ${total} are up`;
    return { state: "UP", short: "All up", sentence };
  }
  const { state, number, words } = worst;
  const rest = others.map((one) => `, ${one.number} ${one.words}`).join("");
  const sentence = `${number} of ${total} ${number === 1 ? "is" : "are"} ${words}${rest}`;
  return { state, short: `${number} ${words}`, sentence };
}

/** A site's name, with a link to its page. */
function linked({ name }: SiteStatus): string {
  return `<a href="${sitePath(name)}">${escapeHtml(name)}</a>`;
}

function card(site: SiteStatus): string {
  const { address, state, inMaintenance, availability } = site;
  const maintenance = inMaintenance ? ' <span class="soft">in maintenance</span>' : "";
  return `<article class="card ${state}">
<div class="head"><h3 class="name">${linked(site)}</h3>${stateWord(site)}</div>
<div class="address">${escapeHtml(address ?? "")}${maintenance}</div>
${dayBars(site)}
<div class="scale"><span class="day">90 days</span><span>${share(availability)}</span></div>
${responseLine(site)}
</article>`;
}

function recent(incidents: readonly IncidentStatus[], at: string): readonly IncidentStatus[] {
  return incidents.filter(
    ({ since, until = at }) => Date.parse(at) - Math.max(Date.parse(since), Date.parse(until)) < RECENT_MS,
  );
}

function certificates(sites: readonly SiteStatus[]): string {
  const rows = sites
    .flatMap(({ name, certificate }) => (certificate ? [{ name, ...certificate }] : []))
    .sort((a, b) => a.days - b.days)
    .map(
      ({ name, issuer, expires, days }) =>
        `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(issuer)}</td><td>${expires.slice(0, 10)} (${days < 0 ? "expired" : `${days} days`})</td></tr>`,
    );
  if (rows.length === 0) return "";
  const table = `<div class="scroll" tabindex="0" role="region" aria-label="Table of certificates"><table><thead><tr><th scope="col">Site</th><th scope="col">Issued by</th><th scope="col">Expires</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
  return section("Certificates", [table]);
}
