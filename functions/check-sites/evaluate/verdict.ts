import type { OwnReason, Reason } from "../probe/net/reasons.ts";

/**
 * What one check says of a site. DEGRADED: it answers, but not as well as it should (slow, a certificate soon
 * to expire). UNKNOWN: we cannot tell, the fault is ours.
 */
export type Verdict = "UP" | "DEGRADED" | "DOWN" | "UNKNOWN";

/** What a condition makes of a site when it fails. */
export type Severity = "degraded" | "down";

/** One thing that was not as it should be. */
export interface Finding {
  readonly severity: Severity | "unknown";
  readonly reason: Reason | OwnReason;
  /** With the value that was seen: `status (500) == 200`. */
  readonly text: string;
}

/** A verdict with what it rests on; the finding that decided it comes first. UP has no findings. */
export interface ConditionResults {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
}
