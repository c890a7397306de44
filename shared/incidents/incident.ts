import * as z from "zod/mini";
import { SEVERITIES, type Severity } from "./severity.ts";

export const severity = z.enum(SEVERITIES);

/**
 * `condition`: it stands until it is over, and then people hear of that. `event`: something that happened or would have,
 * and is found again for a while: people hear of it, and of no end.
 */
export const incidentKind = z.enum(["condition", "event"]);
export type IncidentKind = z.output<typeof incidentKind>;

/** Something about a resource that a person has to know, as one run found it. */
export interface Condition {
  /** Which matter of the resource: one incident at a time for each key. The same for as long as it is the same trouble. */
  readonly key: string;
  /** `condition` when absent. */
  readonly kind?: IncidentKind;
  /** Why, from the automation's closed list: `at-max`. */
  readonly code: string;
  /** What distinguishes one cause from another where the code alone does not: the AWS error behind it. */
  readonly cause?: string | undefined;
  /** A sentence for a person: what was found, and what was expected. */
  readonly text: string;
  readonly severity: Severity;
  /** It becomes an incident when it has lasted this long; at once when absent. */
  readonly onlyAfterMs?: number | undefined;
}

/** What is kept of an incident between runs. Times in ms since the epoch. */
export const incident = z.object({
  key: z.string(),
  kind: incidentKind,
  /** The same from its beginning to its end, and never used again. */
  id: z.string(),
  code: z.string(),
  text: z.string(),
  severity,
  /** When the condition was first found. */
  since: z.number(),
  /** How many events it has had: 0 as long as nobody was notified. */
  sequence: z.number(),
  lastNotifiedAt: z.optional(z.number()),
  /** When each cause was notified last: an incident that alternates between two causes is not an event each time. */
  causes: z.record(z.string(), z.number()),
  /** Since when the condition is not found any more. */
  clearSince: z.optional(z.number()),
});
export type Incident = Readonly<z.output<typeof incident>>;

/** The incidents of one resource, by their keys. */
export const incidents = z.record(z.string(), incident);
export type Incidents = Readonly<Record<string, Incident>>;

/** Something a person is notified of. */
export interface IncidentEvent {
  /** Stable, and in order within the incident: `<incident>/2`. */
  readonly id: string;
  readonly kind: "begin" | "change" | "reminder" | "end";
  /** ms since the epoch. */
  readonly at: number;
  readonly incident: Incident;
  /** For a change: what the incident was about before. */
  readonly previousText?: string;
}
