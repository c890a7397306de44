import * as z from "zod/mini";
import { evidence } from "../ledger/evidence.ts";

/** A change that was decided on, as a person is asked for it. */
export const proposedChange = z.lazy(() =>
  z.object({
    /** What has to be the same when it is carried out: `UpdateShardCount 4 -> 8`. */
    what: z.string(),
    direction: z.enum(["out", "in"]),
    /** Sizes in the resource's own unit: shards, MiB/s, nodes. */
    from: z.number(),
    to: z.number(),
    /** From what to what, for people: `4 -> 8 shards`; empty where `what` says it. */
    text: z.string(),
    /** Sentences for a person, the deciding one first. */
    reasons: z.array(z.string()),
    evidence,
    /** The same numbers as people read them, with their units. */
    facts: z.optional(z.array(z.object({ name: z.string(), value: z.string() }))),
    /** USD, on-demand price, where it is known. */
    costPerMonth: z.optional(z.object({ before: z.number(), after: z.number() })),
  }),
);
export type ProposedChange = Readonly<z.output<typeof proposedChange>>;

/** What a person said to a request. */
export const answer = z.lazy(() =>
  z.object({
    said: z.enum(["approved", "rejected"]),
    /** An ARN, or what is known of whoever used a link. */
    by: z.string(),
    /** ms since the epoch. */
    at: z.number(),
  }),
);
export type Answer = Readonly<z.output<typeof answer>>;

/** A person is asked whether a change may be made. One stands for a resource at a time. */
export const approvalRequest = z.lazy(() =>
  z.object({
    /** The resource and the time in base 36: `stream/orders/mi9x2k40`. Never used again. */
    id: z.string(),
    resource: z.string(),
    automation: z.string(),
    change: proposedChange,
    trigger: z.string(),
    /** ms since the epoch; it can be answered from the one until the other. */
    askedAt: z.number(),
    expiresAt: z.number(),
    answer: z.optional(answer),
    /** When a run found that an approved change is not right any more, ms since the epoch, and why. */
    overtaken: z.optional(z.object({ at: z.number(), why: z.string() })),
  }),
);
export type ApprovalRequest = Readonly<z.output<typeof approvalRequest>>;

/** On whose word a change was made; the intent keeps it. */
export const approval = z.object({ id: z.string(), by: z.string(), at: z.number() });
export type Approval = Readonly<z.output<typeof approval>>;

export const requestId = (resource: string, askedAt: number): string => `${resource}/${askedAt.toString(36)}`;

/** `stream/orders` of `stream/orders/mi9x2k40`; undefined for what is no id of a request. */
export const resourceOfRequest = (id: string): string | undefined =>
  /^([a-z-]+\/[^/\s]+)\/[0-9a-z]{8,10}$/.exec(id)?.[1];
