import type { Intent } from "../../../shared/ledger/entry.ts";
import { ALL, minuteText, type Pause, pauseText, personOf } from "../../../shared/ledger/pauses.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import type { PauseRecord } from "./store.ts";

/** Whoever gives the command, and when. */
export interface Operator {
  /** The ARN that AWS knows them by. */
  readonly arn: string;
  /** ms since the epoch. */
  readonly now: number;
  /** A new unique id. */
  readonly id: string;
  readonly stage: string;
}

const nameOf = (scope: string): string => (scope === ALL ? "everything" : scope);

/** What is kept, and said, of a pause. */
export function recordOfPause(scope: string, pause: Pause, operator: Operator): PauseRecord {
  const text = pauseText({ scope, ...pause });
  const evidence = { scope, until: new Date(pause.until).toISOString(), by: pause.by };
  return recordOf(scope, operator, {
    action: "reflex:pause",
    evidence,
    reason: pause.why,
    headline: text,
    work: workOf(scope),
    done: `${heldBack(scope)} until ${minuteText(pause.until)}`,
    undo: `reflex resume ${scope} --stage ${operator.stage}`,
  });
}

/** What is kept, and said, of the end of a pause before its time. */
export function recordOfResume(scope: string, pause: Pause, operator: Operator): PauseRecord {
  return recordOf(scope, operator, {
    action: "reflex:resume",
    evidence: { scope, by: operator.arn, pausedBy: pause.by },
    reason: `${personOf(operator.arn)} ended the pause of ${personOf(pause.by)} (${pause.why})`,
    headline: `${nameOf(scope)} is resumed by ${personOf(operator.arn)}`,
    done: "changes what has to be changed again, from its next look on",
  });
}

const isOfSites = (scope: string): boolean => scope === "check-sites" || scope.startsWith("site/");

function heldBack(scope: string): string {
  if (isOfSites(scope)) return "probes, and notifies of nothing";
  const sites = scope === ALL ? " (of a site: notifies of nothing)" : "";
  return `decides and notifies, and changes nothing${sites}`;
}

/** Whom the pause hurts. */
const workOf = (scope: string): Notification["work"] => [
  isOfSites(scope)
    ? { name: "Not notified", value: "a failure is on the status page only, until the pause ends" }
    : { name: "Not managed", value: "it stays as it is, whatever it needs" },
];

interface What {
  readonly action: string;
  readonly evidence: Intent["evidence"];
  readonly reason: string;
  readonly headline: string;
  readonly work?: Notification["work"];
  readonly done: string;
  readonly undo?: string;
}

function recordOf(
  scope: string,
  { arn, now, id }: Operator,
  { action, evidence, reason, headline, work = [], done, undo }: What,
): PauseRecord {
  const intent: Intent = {
    id,
    at: now,
    automation: "operator",
    action,
    direction: "none",
    from: 0,
    to: 0,
    reasons: [reason],
    evidence,
    trigger: arn,
  };
  return {
    entry: { intent, outcome: { result: "applied", at: now } },
    notification: {
      id,
      at: new Date(now).toISOString(),
      automation: "operator",
      resource: scope,
      severity: "warning",
      state: "action",
      headline,
      runbook: "runbook.md#stop-it",
      work,
      resourceMetrics: [{ name: "By", value: arn }],
      events: [],
      done: { what: done },
      reasons: [reason],
      ...(undo !== undefined && { undo }),
    },
  };
}
