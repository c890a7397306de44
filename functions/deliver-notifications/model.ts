import * as z from "zod/mini";
import type { SingleNotification } from "../../shared/notify/events-of.ts";
import type { Target } from "../../shared/routes/targets.ts";

export type { SingleNotification };

/** A notification with its place among those it belongs to. */
export interface ThreadEvent {
  /** The incident it is of, or itself where it is of none. */
  readonly thread: string;
  /** From 1 on, without gaps. */
  readonly sequence: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly notification: SingleNotification;
}

const due = z.object({ sequence: z.number(), at: z.number() });

const targetState = z.object({
  /** What has to be delivered to it, in order. */
  due: z.array(due),
  /** The last that was delivered; 0 for nothing yet. */
  delivered: z.number(),
  /** Until when a run may be delivering what it claimed, ms since the epoch; 0 while none is. */
  claimedUntil: z.number(),
  /** How far the last claim went: 0 when its outcome is known. */
  claimed: z.number(),
  /** Up to here a run that died may have delivered: nobody knows. */
  inDoubt: z.number(),
});
export type TargetState = z.output<typeof targetState>;

/** What is kept of a thread: how far it is routed, and how far each of its targets is. */
export const threadState = z.object({
  /** The last event whose targets are decided. */
  routed: z.number(),
  /** Since when an event waits for one before it that has not come, ms since the epoch. */
  gapSince: z.optional(z.number()),
  /** By the target's key. */
  targets: z.record(z.string(), targetState),
});
export type ThreadState = z.output<typeof threadState>;

/** Longer than a message of the dead-letter queue is kept, so that one that is redriven is known, ms. */
export const KEEP_THREAD_MS = 30 * 24 * 3_600_000;

export const NEW_THREAD: ThreadState = { routed: 0, targets: {} };

/** Events of one thread that one target gets now. */
export interface Claimed {
  readonly target: string;
  readonly events: readonly ThreadEvent[];
  /** An earlier run died while it delivered them: they may have arrived. */
  readonly mayBeRepeat: boolean;
}

/** What is sent to a target in one go, and marked as delivered together. */
export interface Delivery {
  readonly target: Target;
  readonly events: readonly ThreadEvent[];
  readonly mayBeRepeat: boolean;
}

/** A state that an alarm on Reflex itself has gone to. */
export interface AlarmChange {
  /** The alarm's whole name: it has the stage. */
  readonly alarm: string;
  /** The one resource it is about, of an alarm that fires for each by itself: `stream/orders`. */
  readonly resource?: string | undefined;
  /** `bad`: in ALARM, or without the data that its alarm notifies at; `deleted`: nothing watches it any more. */
  readonly state: "bad" | "ok" | "deleted";
  /** ms since the epoch. */
  readonly at: number;
  readonly description: string;
  /** Why, in CloudWatch's words. */
  readonly reason: string;
}

const alarmIncident = z.object({
  /** When it went bad, ms since the epoch. */
  since: z.number(),
  description: z.string(),
  reason: z.string(),
  /** When it was last heard to be bad: an OK from before that is late. */
  lastBadAt: z.number(),
  /** How it ended. */
  over: z.optional(z.object({ at: z.number(), state: z.enum(["ok", "deleted"]), reason: z.string() })),
});
export type AlarmIncident = z.output<typeof alarmIncident>;

/** What is kept of an alarm: its last incidents, and when it was last heard to be well. */
export const alarmHistory = z.object({
  /** Oldest first. */
  incidents: z.array(alarmIncident),
  /** A beginning from before that, which comes late, is over already; 0 while nothing is known. */
  wellAt: z.number(),
});
export type AlarmHistory = z.output<typeof alarmHistory>;

export const NEW_ALARM: AlarmHistory = { incidents: [], wellAt: 0 };

/** The beginning or the end of an incident of an alarm. */
export interface AlarmEvent {
  readonly kind: "begin" | "end";
  readonly incident: AlarmIncident;
}
