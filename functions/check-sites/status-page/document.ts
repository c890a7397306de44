import { isOpen, nextOccurrence, occurrenceAt, parseWindow } from "../../../shared/time/windows.ts";
import { shownEndpoint } from "../config/endpoint.ts";
import type { Site } from "../config/site.ts";
import type { StatusPage } from "../config/sites.ts";
import type { PastIncident } from "../state/past-incidents.ts";
import type { SiteState, StateName } from "../state/state.ts";
import { stateOf } from "../state/state-of.ts";
import { newState } from "../state/transition.ts";
import { availability, daysOf, SLOT_MS, slotsOf } from "../state/uptime.ts";

/** `status.json`: what the page shows, for machines. Times are ISO 8601, UTC; durations milliseconds. */
export interface StatusDocument {
  readonly title: string;
  /** When the checks were made that this shows. */
  readonly at: string;
  readonly announcements: readonly Announcement[];
  readonly sites: readonly SiteStatus[];
  /** Of the last 90 days, the newest first; open ones too. */
  readonly incidents: readonly IncidentStatus[];
}

export interface Announcement {
  readonly title: string;
  readonly text?: string;
  readonly severity: "information" | "maintenance" | "warning";
  /** Of its window: now, or the next time. */
  readonly from?: string;
  readonly until?: string;
}

export interface SiteStatus {
  readonly name: string;
  readonly group?: string;
  /** Without a query and without credentials; absent where the config shows names only. */
  readonly address?: string;
  /** `PENDING`: too few checks so far to say. */
  readonly state: StateName | "PENDING";
  readonly since?: string;
  readonly inMaintenance: boolean;
  /** Share of the checks in 90 days in which the site answered, UNKNOWN ones left out; 0..1. */
  readonly availability?: number;
  readonly incident?: {
    readonly since: string;
    readonly worst: "DEGRADED" | "DOWN";
    readonly found: readonly { readonly reason: string; readonly text: string }[];
  };
  readonly certificate?: { readonly issuer: string; readonly expires: string; readonly days: number };
  /**
   * One entry for each day since the first check, 90 at most: checks that were good, degraded, down, unknown, and
   * the worst incident of the day, if it had one.
   */
  readonly days: {
    readonly from: string;
    readonly counts: readonly DayCounts[];
    readonly incidents: readonly ("DEGRADED" | "DOWN" | null)[];
  };
  /**
   * The last day in steps of five minutes, 288 at most: the worst mark of each (see state/uptime.ts) and the longest
   * duration of a good check.
   */
  readonly lastDay: {
    readonly from: string;
    readonly everyMinutes: number;
    readonly marks: string;
    readonly ms: readonly (number | null)[];
  };
}

export interface IncidentStatus {
  readonly site: string;
  readonly since: string;
  readonly until?: string;
  readonly worst: "DEGRADED" | "DOWN";
  readonly reason: string;
  /** What the first failed check found; absent where the config hides findings. */
  readonly cause?: string;
}

/** Checks of one day that were good, degraded, down, unknown. */
export type DayCounts = readonly [good: number, degraded: number, down: number, unknown: number];

/** What the page is made of. */
export interface StatusInput {
  readonly page: StatusPage;
  /** In the config's order. */
  readonly sites: readonly Site[];
  readonly states: ReadonlyMap<string, SiteState>;
  readonly incidents: readonly PastIncident[];
  /** ms since the epoch. */
  readonly now: number;
}

const DAY_MS = 86_400_000;
const SHOWN_DAYS = 90;

/** What the page shows of all sites. */
export function statusDocument(input: StatusInput): StatusDocument {
  const { page, sites, incidents, now } = input;
  const names = new Set(sites.map(({ name }) => name));
  const bySite = Map.groupBy(incidents, ({ site }) => site);
  return {
    title: page.title,
    at: iso(now),
    announcements: announcementsAt(page, now),
    sites: sites.map((site) => siteStatus(site, input, bySite.get(site.name) ?? [])),
    incidents: incidents
      .filter(
        ({ site, since, until = now }) =>
          names.has(site) && Math.max(since, until) > now - SHOWN_DAYS * DAY_MS,
      )
      .map((incident) => incidentStatus(incident, page)),
  };
}

function siteStatus(
  site: Site,
  { page, states, now }: StatusInput,
  incidents: readonly PastIncident[],
): SiteStatus {
  const state = states.get(site.name);
  const common = {
    name: site.name,
    ...(site.group !== undefined && { group: site.group }),
    ...(page.show === "address" && { address: shownEndpoint(site.endpoint) }),
    inMaintenance: site.maintenance.some((window) => isOpen(window, now)),
  };
  if (!state) return { ...common, state: "PENDING", ...past(newState(now).history, [], now) };
  const share = availability(daysOf(state.history));
  return {
    ...common,
    state: stateOf(state) ?? "PENDING",
    since: iso(state.since),
    ...(share !== undefined && { availability: share }),
    ...openIncident(state, page),
    ...certificateOf(state, now),
    ...past(state.history, incidents, now),
  };
}

function openIncident({ incident }: SiteState, { findings }: StatusPage): Pick<SiteStatus, "incident"> {
  if (!incident || incident.until !== undefined) return {};
  const found = findings === "show" ? incident.latest.map(({ reason, text }) => ({ reason, text })) : [];
  return { incident: { since: iso(incident.since), worst: incident.worst, found } };
}

function certificateOf({ certificate }: SiteState, now: number): Pick<SiteStatus, "certificate"> {
  if (!certificate) return {};
  const { issuer, validTo } = certificate;
  return { certificate: { issuer, expires: iso(validTo), days: Math.floor((validTo - now) / DAY_MS) } };
}

function past(
  history: SiteState["history"],
  incidents: readonly PastIncident[],
  now: number,
): Pick<SiteStatus, "days" | "lastDay"> {
  const days = daysOf(history);
  const slots = slotsOf(history);
  return {
    days: {
      from: iso(days[0]?.at ?? 0).slice(0, 10),
      counts: days.map(({ good, degraded, down, unknown }) => [good, degraded, down, unknown] as const),
      incidents: days.map(({ at }) => worstBetween(incidents, at, at + DAY_MS, now)),
    },
    lastDay: {
      from: iso(slots[0]?.at ?? 0),
      everyMinutes: SLOT_MS / 60_000,
      marks: slots.map(({ mark }) => mark).join(""),
      ms: slots.map(({ duration }) => (duration === undefined ? null : Math.round(duration))),
    },
  };
}

function worstBetween(
  incidents: readonly PastIncident[],
  from: number,
  to: number,
  now: number,
): "DEGRADED" | "DOWN" | null {
  const there = incidents.filter(({ since, until = now }) => since < to && until >= from);
  if (there.some(({ worst }) => worst === "DOWN")) return "DOWN";
  return there.length > 0 ? "DEGRADED" : null;
}

function incidentStatus(
  { site, since, until, worst, reason, cause }: PastIncident,
  page: StatusPage,
): IncidentStatus {
  return {
    site,
    since: iso(since),
    worst,
    reason,
    ...(until !== undefined && { until: iso(until) }),
    ...(page.findings === "show" && { cause }),
  };
}

/** Those without a window, those whose window is open, and those whose window comes within two weeks. */
function announcementsAt({ announcements }: StatusPage, now: number): Announcement[] {
  return announcements.flatMap(({ title, text, window: written, severity }): Announcement[] => {
    const common = { title, ...(text !== undefined && { text }) };
    if (written === undefined) return [{ ...common, severity: severity ?? "information" }];
    const window = parseWindow(written);
    const occurrence = occurrenceAt(window, now) ?? nextOccurrence(window, now);
    if (!occurrence || occurrence.start > now + 14 * DAY_MS) return [];
    const times = { from: iso(occurrence.start), until: iso(occurrence.end) };
    return [{ ...common, severity: severity ?? "maintenance", ...times }];
  });
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
