import { cut } from "../probe/net/probe-error.ts";
import { isOwn } from "../probe/net/reasons.ts";
import type { ProbeResult } from "../probe/net/result.ts";
import type { Clean, Condition } from "./condition.ts";
import type { Evaluation, Finding, Verdict } from "./verdict.ts";

/** From the worst to the best: what a site is said to be when its addresses differ. */
const WORST_FIRST: readonly Verdict[] = ["DOWN", "UNKNOWN", "DEGRADED", "UP"];

/** Evaluates what one probe found. `now` is ms since the epoch; `clean` takes secrets out of what findings say. */
export function evaluate(
  result: ProbeResult,
  conditions: readonly Condition[],
  now: number,
  clean: Clean = (text) => text,
): Evaluation {
  const { failure } = result;
  if (failure) {
    return isOwn(failure.reason)
      ? {
          verdict: "UNKNOWN",
          findings: [{ severity: "unknown", reason: failure.reason, text: cut(clean(failure.detail)) }],
        }
      : {
          verdict: "DOWN",
          findings: [{ severity: "down", reason: failure.reason, text: cut(clean(failure.detail)) }],
        };
  }
  const findings = conditions.flatMap((condition): Finding[] => {
    const { holds, text } = condition.check(result, now, clean);
    return holds ? [] : [{ severity: condition.severity, reason: condition.reason, text }];
  });
  const down = findings.filter(({ severity }) => severity === "down");
  if (down.length > 0) {
    return { verdict: "DOWN", findings: [...down, ...findings.filter((finding) => !down.includes(finding))] };
  }
  return { verdict: findings.length > 0 ? "DEGRADED" : "UP", findings };
}

/** A probe's result and what was made of it. */
export interface CheckResult {
  readonly result: ProbeResult;
  readonly evaluation: Evaluation;
}

/** Of a site's addresses the worst; of equals the first. There must be at least one. */
export function worst(all: readonly [CheckResult, ...CheckResult[]]): CheckResult {
  return all.reduce((found, next) => (rank(next) < rank(found) ? next : found));
}

function rank({ evaluation }: CheckResult): number {
  return WORST_FIRST.indexOf(evaluation.verdict);
}
