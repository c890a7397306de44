import type { OwnReason, Reason } from "../probe/net/reasons.ts";

/**
 * What one check says of a site. DEGRADED: it answers, but not as well as it should (slow, a certificate soon
 * to expire). UNKNOWN: the check was inconclusive, the cause is ours.
 */
export type Verdict = "UP" | "DEGRADED" | "DOWN" | "UNKNOWN";

/** What a condition makes of a site when it fails. */
export type Severity = "degraded" | "down";

/** One thing that was not as it should be. */
export interface Finding {
  readonly severity: Severity | "unknown";
  readonly reason: Reason | OwnReason;
  /** What was found and what was expected: `status is 500, expected 200`. */
  readonly text: string;
}

/** A verdict with what it rests on; the finding that decided it comes first. UP has no findings. */
export interface Evaluation {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}
