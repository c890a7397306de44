import type { Misconfigured } from "../lambda/errors.ts";
import type { UnknownEvent } from "./event-shape.ts";

/** A trigger is a hint, not an order: it says where to look, never what to do. */
export type Trigger = AlarmTrigger | ScheduleTrigger | ManualTrigger | NothingToDo | Unreadable;

/** One metric an alarm watches, as far as it says where to look. */
export interface AlarmMetric {
  /** For example `AWS/Kinesis`. */
  readonly namespace: string;
  /** For example `IncomingBytes`. */
  readonly name: string;
  /** For example `{ StreamName: "orders" }`. */
  readonly dimensions: Readonly<Record<string, string>>;
}

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** A CloudWatch alarm changed its state, whichever way the event came. */
export interface AlarmTrigger {
  readonly kind: "alarm";
  readonly via: "sns" | "eventbridge" | "direct";
  readonly alarmName: string;
  readonly alarmArn: string;
  readonly state: AlarmState;
  /** When the state changed, ms since the epoch. */
  readonly at: number;
  readonly metrics: readonly AlarmMetric[];
}

/** An EventBridge rule's tick: sweep everything that is managed. */
export interface ScheduleTrigger {
  readonly kind: "schedule";
  readonly at: number;
  /** The rule's ARN. */
  readonly rule: string;
}

/**
 * A person asks: `{ "stream": "orders" }`, `{ "site": "shop" }`, `{ "nodePool": "workers" }`; with
 * `"mode": "observe"` only what would be done.
 */
export interface ManualTrigger {
  readonly kind: "manual";
  /** What sort of resource: the key of the event, for example `stream`. */
  readonly of: string;
  readonly name: string;
  /** Whatever the config lets be done: this run decides and answers, and writes and notifies nothing. */
  readonly mode?: "observe";
}

/** An event that was understood and on which nothing is ever done. */
export interface NothingToDo {
  readonly kind: "nothing";
  /** Why, for a person: "alarm X is a composite alarm: it watches other alarms, not a stream". */
  readonly why: string;
}

/** One record of an event that holds others as well: it is reported, and the others are handled. */
export interface Unreadable {
  readonly kind: "unreadable";
  readonly failure: Misconfigured;
}

/** Decodes one form of event: its triggers, or undefined when the event is of another form. */
export type TriggerForm = (event: UnknownEvent) => Trigger[] | undefined;
