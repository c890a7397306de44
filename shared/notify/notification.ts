import * as z from "zod/mini";
import { severity } from "../incidents/incident.ts";

const fact = z.lazy(() =>
  z.object({
    /** For example `utilisation, peak of the last 5 minutes`. */
    name: z.string(),
    /** As a person reads it, with its unit: `92 %`, `1,240 records/s`. */
    value: z.string(),
  }),
);

/** `action`: something was done, or would have been in mode observe; the others are of an incident. */
export const notificationState = z.enum(["action", "begin", "change", "reminder", "end"]);
export type NotificationState = z.output<typeof notificationState>;

/** One resource that went from one state to another; times are ISO 8601, UTC. */
const stateChange = z.lazy(() =>
  z.object({
    /** The same for every delivery. */
    id: z.string(),
    /** For example `site/shop`. */
    resource: z.string(),
    /** `reminder`: nothing changed, it still is so. */
    kind: z.enum(["change", "reminder"]),
    state: notificationState,
    from: z.string(),
    to: z.string(),
    at: z.string(),
    /** One sentence. */
    headline: z.string(),
    reason: z.optional(z.string()),
    /** How much it matters, by the config. */
    severity,
    /** As the config groups it. */
    group: z.optional(z.string()),
    /** What belongs together, from the beginning to the end, numbered from 1. */
    incident: z.optional(z.object({ id: z.string(), sequence: z.number() })),
    /** What was found now, and what was found first. */
    found: z.array(z.string()),
    first: z.optional(z.array(z.string())),
    /** Of the incident, its length once it is over. */
    since: z.optional(z.string()),
    until: z.optional(z.string()),
    seconds: z.optional(z.number()),
    lastGood: z.optional(z.string()),
    /** Where it stands what to do, below docs/. */
    runbook: z.optional(z.string()),
  }),
);

/** Where to read on. */
const link = z.lazy(() => z.object({ text: z.string(), href: z.string() }));

/**
 * One notification: work, resource, events, in that order. What hurt and for whom; what the decision was
 * read from; what was done lately; then what was done now, what it costs and what would undo it.
 */
const members = () => ({
  ...identity(),
  ...evidence(),
  ...action(),
  traceId: z.optional(z.string()),
  /** Where it stands what to do, below docs/: `runbook/reshard-streams.md#at-max`. */
  runbook: z.optional(z.string()),
  links: z.optional(z.array(link)),
});

/** Which notification it is, and of what. */
const identity = () => ({
  /** The same for every delivery of one notification: receivers drop what they have seen. */
  id: z.string(),
  /** ISO 8601, UTC. */
  at: z.string(),
  automation: z.string(),
  /** The resource as the ledger names it, for example `stream/orders`. */
  resource: z.string(),
  /** By the effect on work. */
  severity,
  /** As the config groups the resource. */
  group: z.optional(z.string()),
  /** What happened: something was done, or an incident has gone on. */
  state: notificationState,
  /** Of which incident it speaks; its beginning, its end and all between have the same. */
  incident: z.optional(
    z.object({
      id: z.string(),
      /** 1 for its beginning; rises with each notification of it. */
      sequence: z.number(),
      /** Why, from the automation's list of codes. */
      code: z.string(),
      since: z.string(),
      until: z.optional(z.string()),
    }),
  ),
  /** One sentence: the subject. */
  headline: z.string(),
});

/** Work, resource, events. */
const evidence = () => ({
  /** The work metrics that called. */
  work: z.array(fact),
  /** The resource metrics the decision was read from. */
  resourceMetrics: z.array(fact),
  /** What the ledger did lately, newest first. */
  events: z.array(z.object({ at: z.string(), text: z.string() })),
  /** For machines: each change of state, when one notification has several. */
  changes: z.optional(z.array(stateChange)),
});

/** What was done, why, and what would undo it. */
const action = () => ({
  /** What was done; from what to what in the resource's unit where a size changed. */
  done: z.object({
    what: z.string(),
    from: z.optional(z.number()),
    to: z.optional(z.number()),
    unit: z.optional(z.string()),
  }),
  reasons: z.array(z.string()),
  /** USD, on-demand price, us-east-1. */
  costPerMonth: z.optional(z.object({ before: z.number(), after: z.number() })),
  /** A command or a sentence. */
  undo: z.optional(z.string()),
  /** How to answer, where a person is asked before it is done. */
  approval: z.optional(
    z.object({
      /** Of the request. */
      id: z.string(),
      /** Until when it takes an answer, ISO 8601, UTC. */
      until: z.string(),
      /** The commands that approve and reject it. */
      approve: z.string(),
      reject: z.string(),
    }),
  ),
});
const one = z.lazy(() => z.strictObject(members()));
export const notification = z.lazy(() =>
  z.strictObject({
    ...members(),
    /** All that it stands for, when it stands for several; each would be a message of its own. */
    notifications: z.optional(z.array(one)),
  }),
);
export type Notification = z.output<typeof notification>;

/** SNS takes fewer than 100 ASCII characters without line breaks or control characters. */
export function asSubject({ headline }: Notification): string {
  const ascii = headline
    .replace(/->|→/g, "to")
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return ascii.length < 100 ? ascii : `${ascii.slice(0, 96)}...`;
}
