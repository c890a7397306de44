import type { Incident } from "../incident.ts";
import { clusterRefuses } from "./cluster-refuses.ts";
import { drainStuck } from "./drain-stuck.ts";
import { landingStopped } from "./landing-stopped.ts";
import { ledgerThrottled } from "./ledger-throttled.ts";
import { metricsRefused } from "./metrics-refused.ts";
import { namesServfail } from "./names-servfail.ts";
import { noCapacity } from "./no-capacity.ts";
import { streamRefused } from "./stream-refused.ts";
import { sweepCrashed } from "./sweep-crashed.ts";
import { sweepStopped } from "./sweep-stopped.ts";

/**
 * Incidents that have nothing to do with each other happen at the same time: they share the minutes of one world. The first
 * of a round may take a minute to begin.
 */
export const ROUNDS: readonly { readonly incidents: readonly Incident[]; readonly minutes: number }[] = [
  {
    incidents: [drainStuck, clusterRefuses, metricsRefused, namesServfail, landingStopped],
    minutes: 17,
  },
  { incidents: [noCapacity, sweepStopped, streamRefused], minutes: 13 },
  { incidents: [sweepCrashed, ledgerThrottled], minutes: 13 },
];

export const INCIDENTS: readonly Incident[] = ROUNDS.flatMap(({ incidents }) => incidents);
