import { type Site, shownEndpoint } from "../site.ts";
import { availability, type Day, daysOf, type SlotMark, slotsOf } from "../transition/history.ts";
import { type SiteState, type StateName, stateOf } from "../transition/state.ts";

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
  /** Oldest first, one for each day since the first check, 90 at most. */
  readonly days: readonly (Omit<Day, "at"> & { readonly date: string })[];
  /** Oldest first, one for five minutes of the last day. */
  readonly slots: readonly { readonly at: string; readonly mark: SlotMark; readonly ms?: number }[];
}

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
  if (!state) return { ...common, state: "PENDING", days: [], slots: [] };
  const days = daysOf(state.history);
  const share = availability(days);
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
    days: days.map(({ at, ...counts }) => ({ date: iso(at).slice(0, 10), ...counts })),
    slots: slotsOf(state.history).map(({ at, mark, duration }) => ({
      at: iso(at),
      mark,
      ...(duration !== undefined && { ms: Math.round(duration) }),
    })),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
