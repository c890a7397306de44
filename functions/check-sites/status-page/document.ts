import { shownEndpoint } from "../config/endpoint.ts";
import type { Site } from "../config/site.ts";
import { type SiteState, type StateName, stateOf } from "../state/state.ts";
import { newState } from "../state/transition.ts";
import { availability, daysOf, SLOT_MS, slotsOf } from "../state/uptime.ts";

/** `status.json`: what the page shows, for machines. Times are ISO 8601, UTC; durations milliseconds. */
export interface StatusDocument {
  readonly title: string;
  /** When the checks were made that this shows. */
  readonly at: string;
  readonly sites: readonly SiteStatus[];
}

export interface SiteStatus {
  readonly name: string;
  /** Without a query and without credentials. */
  readonly address: string;
  /** `PENDING`: too few checks so far to say. */
  readonly state: StateName | "PENDING";
  readonly since?: string;
  readonly inMaintenance: boolean;
  /** Share of the checks in 90 days that could tell, in which the site answered; 0..1. */
  readonly availability?: number;
  readonly incident?: {
    readonly since: string;
    readonly worst: "DEGRADED" | "DOWN";
    readonly found: readonly { readonly reason: string; readonly text: string }[];
  };
  readonly certificate?: { readonly issuer: string; readonly expires: string; readonly days: number };
  /** One entry for each day since the first check, 90 at most: checks that were good, degraded, down, unknown. */
  readonly days: { readonly from: string; readonly counts: readonly DayCounts[] };
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

/** Checks of one day that were good, degraded, down, unknown. */
export type DayCounts = readonly [good: number, degraded: number, down: number, unknown: number];

const DAY = 86_400_000;

/** What the page shows of all sites, in the config's order. `now` is ms since the epoch. */
export function statusDocument(
  title: string,
  sites: readonly Site[],
  states: ReadonlyMap<string, SiteState>,
  now: number,
  isInMaintenance: (site: Site) => boolean,
): StatusDocument {
  return {
    title,
    at: iso(now),
    sites: sites.map((site) => siteStatus(site, states.get(site.name), now, isInMaintenance(site))),
  };
}

function siteStatus(
  site: Site,
  state: SiteState | undefined,
  now: number,
  inMaintenance: boolean,
): SiteStatus {
  const common = { name: site.name, address: shownEndpoint(site.endpoint), inMaintenance };
  if (!state) return { ...common, state: "PENDING", ...past(newState(now).history) };
  const share = availability(daysOf(state.history));
  const { incident, certificate } = state;
  const isIncidentOpen = incident !== undefined && incident.until === undefined;
  return {
    ...common,
    state: stateOf(state) ?? "PENDING",
    since: iso(state.since),
    ...(share !== undefined && { availability: share }),
    ...(isIncidentOpen && {
      incident: {
        since: iso(incident.since),
        worst: incident.worst,
        found: incident.latest.map(({ reason, text }) => ({ reason, text })),
      },
    }),
    ...(certificate && {
      certificate: {
        issuer: certificate.issuer,
        expires: iso(certificate.validTo),
        days: Math.floor((certificate.validTo - now) / DAY),
      },
    }),
    ...past(state.history),
  };
}

function past(history: SiteState["history"]): Pick<SiteStatus, "days" | "lastDay"> {
  const days = daysOf(history);
  const slots = slotsOf(history);
  return {
    days: {
      from: iso(days[0]?.at ?? 0).slice(0, 10),
      counts: days.map(({ good, degraded, down, unknown }) => [good, degraded, down, unknown] as const),
    },
    lastDay: {
      from: iso(slots[0]?.at ?? 0),
      everyMinutes: SLOT_MS / 60_000,
      marks: slots.map(({ mark }) => mark).join(""),
      ms: slots.map(({ duration }) => (duration === undefined ? null : Math.round(duration))),
    },
  };
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
