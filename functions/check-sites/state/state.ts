import * as z from "zod/mini";
import { OWN_REASONS, REASONS } from "../probe/net/reasons.ts";
import { history } from "./uptime.ts";

/**
 * What is kept of a site between two runs: one item. `readState` is the only way in, so that an item written
 * by an older version is read on purpose or not at all.
 */

export const level = z.enum(["UP", "DEGRADED", "DOWN"]);
/** What the checks other than UNKNOWN have said, thresholds applied. */
export type Level = z.output<typeof level>;

export const stateName = z.enum(["UP", "DEGRADED", "DOWN", "UNKNOWN"]);
/** What a site is said to be. UNKNOWN: the last checks were inconclusive. */
export type StateName = z.output<typeof stateName>;

const finding = z.object({
  severity: z.enum(["degraded", "down", "unknown"]),
  reason: z.enum([...REASONS, ...OWN_REASONS]),
  text: z.string(),
});

/** A time in which a site was not as it should be; all times are ms since the epoch. */
const incident = z.object({
  /** The first check that was not UP. */
  since: z.number(),
  /** The first check that was well again, once the site has recovered. */
  until: z.optional(z.number()),
  /** The worst it came to. */
  worst: z.enum(["DEGRADED", "DOWN"]),
  /** What the first check found, of which a retry cannot take anything away. */
  first: z.array(finding),
  /** What the latest check that was not UP found. */
  latest: z.array(finding),
});
export type Incident = z.output<typeof incident>;

/**
 * Which of the changes belong together: those from the moment a site leaves UP until it is UP again, numbered from 1.
 * Who delivers them keeps their order by it.
 */
const thread = z.object({ id: z.string(), sequence: z.number() });
export type Thread = z.output<typeof thread>;

/** One change to notify. */
export const change = z.object({
  /** The same however often it is sent: receivers drop what they have seen. */
  id: z.string(),
  /** `flapping`: it changes too often; further changes are held back. `removed`: it left the config. */
  kind: z.enum(["change", "reminder", "flapping", "removed"]),
  from: stateName,
  to: stateName,
  /** ms since the epoch, of the run that found it. */
  at: z.number(),
  incident: z.optional(incident),
  /** Absent in what an earlier version wrote. */
  thread: z.optional(thread),
  /** The last check that was UP, ms since the epoch. */
  lastGood: z.optional(z.number()),
  /** What the check found that brought the change; empty for UP. */
  findings: z.array(finding),
  /** The IP address that was talked to, and the milliseconds of each phase. */
  probe: z.optional(z.object({ address: z.optional(z.string()), phases: z.record(z.string(), z.number()) })),
});
export type Change = z.output<typeof change>;

export const siteState = z.object({
  /** The tick of the last run that counted, ms since the epoch: one tick counts once. */
  tick: z.number(),
  level: z.optional(level),
  /** Since when it is in the state it is in, ms since the epoch. */
  since: z.number(),
  /** The trace of the run in which it came to that state; absent in what an earlier version wrote. */
  sinceTraceId: z.optional(z.string()),
  /** Letters of the last checks other than UNKNOWN, oldest first: U(p), G (degraded), D(own). */
  recent: z.string(),
  /** How many of `recent` came after the last change for the worse, and for the better. */
  sinceWorse: z.number(),
  sinceBetter: z.number(),
  /** UNKNOWN checks in a row. */
  unknownRun: z.number(),
  /** The tick of the last run that probed it. */
  probedAt: z.optional(z.number()),
  lastGood: z.optional(z.number()),
  /** The first check that was well after the latest that was not, while not UP. */
  wellSince: z.optional(z.number()),
  /** Checks that were not UP, be it below the threshold: what an incident will begin with. */
  trouble: z.optional(z.object({ since: z.number(), first: z.array(finding) })),
  /** The open incident, or the last one. */
  incident: z.optional(incident),
  /** What the latest check found. */
  findings: z.array(finding),
  /** What the last handshake showed. */
  certificate: z.optional(z.object({ subject: z.string(), issuer: z.string(), validTo: z.number() })),
  /** What was notified last; absent: nothing yet, so UP needs no notification. */
  notified: z.optional(z.object({ state: stateName, at: z.number(), thread: z.optional(thread) })),
  /** When the latest changes were notified, ms since the epoch: by them flapping is seen. */
  changedAt: z._default(z.array(z.number()), []),
  /** Since when it changes too often to notify each change. */
  flappingSince: z.optional(z.number()),
  history,
});
export type SiteState = z.output<typeof siteState>;
