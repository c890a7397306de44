import type { Verdict } from "../evaluate/verdict.ts";
import type { PendingNotification } from "../state/outbox.ts";
import type { CheckedSite } from "./check-site.ts";

/** What one invocation answers. */
export interface Result {
  /** How many sites got which verdict in this run, before any threshold. */
  readonly checked: Readonly<Record<Verdict, number>>;
  /** Sites whose check of this tick counted already. */
  readonly alreadyChecked: number;
  /** `shop: UP -> DOWN`, for each change in this run's notifications. */
  readonly notified: readonly string[];
  /** What was not UP: `shop: DOWN: status is 500, expected 200-299`. */
  readonly notUp: readonly string[];
  /** Triggers that ask for nothing, and why. */
  readonly ignored: readonly string[];
}

/** The result names this many sites. */
const LISTED = 20;

export function resultOf(
  checked: readonly CheckedSite[],
  alreadyChecked: number,
  notified: readonly PendingNotification[],
): Result {
  const counts = { UP: 0, DEGRADED: 0, DOWN: 0, UNKNOWN: 0 };
  for (const { evaluation } of checked) counts[evaluation.verdict] += 1;
  return {
    checked: counts,
    alreadyChecked,
    notified: notified.map(changeLine),
    notUp: notUp(checked),
    ignored: [],
  };
}

/** The result of two rounds of one invocation. */
export function addResults(one: Result, other: Result): Result {
  return {
    checked: {
      UP: one.checked.UP + other.checked.UP,
      DEGRADED: one.checked.DEGRADED + other.checked.DEGRADED,
      DOWN: one.checked.DOWN + other.checked.DOWN,
      UNKNOWN: one.checked.UNKNOWN + other.checked.UNKNOWN,
    },
    alreadyChecked: one.alreadyChecked + other.alreadyChecked,
    notified: [...one.notified, ...other.notified],
    notUp: [...one.notUp, ...other.notUp].slice(0, LISTED),
    ignored: [...one.ignored, ...other.ignored],
  };
}

/** The result of triggers that ask for nothing. */
export function ignoredResult(ignored: readonly string[]): Result {
  return { ...resultOf([], 0, []), ignored };
}

/** The first sites that were not UP, and what was found. */
export function notUp(checked: readonly CheckedSite[]): string[] {
  return checked
    .filter(({ evaluation }) => evaluation.verdict !== "UP")
    .slice(0, LISTED)
    .map(
      ({ site, evaluation: { verdict, findings } }) => `${site.name}: ${verdict}: ${findings[0]?.text ?? ""}`,
    );
}

function changeLine(one: PendingNotification): string {
  if (one.site !== undefined) return `${one.site}: ${one.change.from} -> ${one.change.to}`;
  return `monitor: ${one.change.suspected ? "suspected" : "well again"}`;
}
