import * as z from "zod/mini";
import { type ApprovalRequest, approval } from "../approvals/request.ts";
import { evidence } from "./evidence.ts";
import type { IncidentRecord } from "./outbox-item.ts";

export type { Evidence } from "./evidence.ts";

/** A part of a resource that a change is of: an Auto Scaling group with its sizes, or a node. */
const changedPart = z.object({
  name: z.string(),
  /** Its size before and after, where it has one. */
  size: z.optional(z.object({ from: z.number(), to: z.number() })),
});
export type ChangedPart = Readonly<z.output<typeof changedPart>>;

/** What is about to be done, written before the AWS call. */
export const intent = z.lazy(() =>
  z.object({
    /** Unique; part of the entry's key, so that writing an entry again changes nothing. */
    id: z.string(),
    /** ms since the epoch. */
    at: z.number(),
    automation: z.string(),
    /** The AWS call, for example `kinesis:UpdateShardCount`. */
    action: z.string(),
    direction: z.enum(["out", "in", "none"]),
    /** Sizes in the resource's own unit: shards, nodes. */
    from: z.number(),
    to: z.number(),
    /** Sentences for a person. */
    reasons: z.array(z.string()),
    evidence,
    /** Which of its parts are changed, where the resource has some: undoing the change begins there. */
    parts: z.optional(z.array(changedPart)),
    /** What woke the run, in a few words. */
    trigger: z.string(),
    /** X-Ray's trace id. */
    traceId: z.optional(z.string()),
    /** Who approved it, where the mode is `ask`. An approval is used by the first intent that carries it. */
    approval: z.optional(approval),
  }),
);
export type Intent = z.output<typeof intent>;

/**
 * - `applied`: AWS accepted the call, or the resource shows that it did;
 * - `refused`: AWS answered with an error and changed nothing;
 * - `lost`: the run died in between and the resource shows that nothing was changed.
 */
export const outcome = z.lazy(() =>
  z.object({
    result: z.enum(["applied", "refused", "lost"]),
    /** ms since the epoch. */
    at: z.number(),
    /** The kind of refusal, for rules that learn from it; the automation that wrote it names its codes. */
    code: z.optional(z.string()),
    /** AWS's words when refused; what was seen when settled later. */
    detail: z.optional(z.string()),
  }),
);
export type Outcome = z.output<typeof outcome>;

/** One line of the audit trail. */
export interface Entry {
  readonly intent: Intent;
  readonly outcome: Outcome;
}

/** A decision as it is kept: the last one of a resource, and each that came to something else than the one before. */
export const keptDecision = z.object({
  /** When it was first come to, ms since the epoch. */
  at: z.number(),
  automation: z.string(),
  /** Why, in one word, from the automation's closed list: `on-target`. */
  verdict: z.string(),
  /** Why a change that was decided on was not made. */
  held: z.optional(z.enum(["observe", "ask", "paused"])),
  /** Sentences for a person, the deciding one first. */
  reasons: z.array(z.string()),
  evidence,
  /** What woke the run, in a few words. */
  trigger: z.string(),
  traceId: z.optional(z.string()),
});
export type KeptDecision = Readonly<z.output<typeof keptDecision>>;

/** What the ledger knows of one resource. */
export interface History {
  /** For example `stream/orders`. */
  readonly resource: string;
  /** Rises with every outcome: a run that decided on an older one may not act. */
  readonly version: number;
  /** Until when another run may be acting, ms since the epoch. */
  readonly leasedUntil?: number;
  /** An intent without an outcome: its run is at work, or died. */
  readonly pending?: Intent;
  /** ms since the epoch, of the last applied change in each direction. */
  readonly lastScaleOut?: number;
  readonly lastScaleIn?: number;
  /** When a run last saw the resource in the middle of a change, ms since the epoch. */
  readonly lastSeenChanging?: number;
  /** What the automation keeps of the resource's past, in its own form. */
  readonly profile?: string;
  /** Newest first, as far back as was asked for. */
  readonly entries: readonly Entry[];
  /** Set while notifications of earlier changes wait to be sent. */
  readonly outbox?: "waiting";
  /** The last decision that was kept: later looks came to the same. */
  readonly lastDecision?: KeptDecision;
  /** What a person was asked last, where the mode is `ask`. */
  readonly request?: ApprovalRequest;
  /** The incidents as they stood when the history was read. */
  readonly incidents?: IncidentRecord;
}
