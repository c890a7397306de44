import * as z from "zod/mini";
import { cut } from "../probe/net/probe-error.ts";
import type { SiteState } from "./state.ts";

/** One incident as the status page remembers it; times are ms since the epoch. */
const pastIncident = z.object({
  site: z.string(),
  since: z.number(),
  /** Absent while it is open. */
  until: z.optional(z.number()),
  worst: z.enum(["DEGRADED", "DOWN"]),
  reason: z.string(),
  /** What the first failed check found. */
  cause: z.string(),
});
export type PastIncident = z.output<typeof pastIncident>;

/** All sites' latest incidents, the newest first: one item, which is written only when one of them changes. */
export const pastIncidents = z.object({ incidents: z.array(pastIncident) });
export type PastIncidents = z.output<typeof pastIncidents>;

/** So many are remembered: the item stays far below DynamoDB's 400 KB. */
const REMEMBERED = 500;
const MAX_CAUSE = 200;

/** The incidents that a run has opened, closed or made worse. */
export function changedIncidents(
  before: ReadonlyMap<string, SiteState>,
  after: ReadonlyMap<string, SiteState>,
): PastIncident[] {
  return [...after].flatMap(([site, { incident }]) => {
    const known = before.get(site)?.incident;
    const isSame = known?.since === incident?.since && known?.until === incident?.until;
    if (!incident || (isSame && known?.worst === incident.worst)) return [];
    const { since, until, worst, first } = incident;
    const [found] = first;
    return [
      {
        site,
        since,
        worst,
        reason: found?.reason ?? "unknown",
        cause: cut(found?.text ?? "", MAX_CAUSE),
        ...(until !== undefined && { until }),
      },
    ];
  });
}

/** What is remembered with these changes in it. */
export function withIncidents(
  before: readonly PastIncident[],
  changed: readonly PastIncident[],
): PastIncident[] {
  const keyOf = ({ site, since }: PastIncident) => `${site} ${since}`;
  const all = new Map([...before, ...changed].map((one) => [keyOf(one), one]));
  return [...all.values()].toSorted((a, b) => b.since - a.since).slice(0, REMEMBERED);
}
