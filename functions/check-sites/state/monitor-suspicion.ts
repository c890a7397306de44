import type { Evaluation, Finding } from "../evaluate/verdict.ts";
import { type OwnReason, type Reason, TRANSPORT_REASONS } from "../probe/net/reasons.ts";
import type { Level } from "./state.ts";

/** A site's level before this run, and what this run found. */
export interface Checked {
  readonly before: Level | undefined;
  readonly evaluation: Evaluation;
}

/** What a broken network or resolver of ours gives. */
const OWN_TRANSPORT: ReadonlySet<Reason | OwnReason> = new Set(["own-dns", "own-network"]);

/** With fewer sites than this failing at once, it is taken for chance. */
const FEWEST = 3;

/**
 * Whether to suspect the monitor and not the sites: most of those that were not DOWN before fail at once, and
 * all by transport. It must be more than half of them and at least three.
 */
export function isMonitorFailing(checked: readonly Checked[]): boolean {
  const eligible = checked.filter(({ before }) => before !== "DOWN");
  const failing = eligible.filter(({ evaluation }) => isTransport(evaluation));
  return failing.length >= FEWEST && failing.length > eligible.length / 2;
}

/** What a transport failure is worth while the monitor is suspected: nothing about the site. */
export function asUnknown(evaluation: Evaluation): Evaluation {
  const [first] = evaluation.findings;
  if (!first || !isTransport(evaluation)) return evaluation;
  const finding: Finding = {
    severity: "unknown",
    reason: "own-network",
    text: `most sites fail at once, so the monitor is suspected; here: ${first.text}`,
  };
  return { verdict: "UNKNOWN", findings: [finding] };
}

/** Whether the deciding finding is one that a broken network of ours would give. */
export function isTransport({ findings: [first] }: Evaluation): boolean {
  return (
    first !== undefined &&
    first.severity !== "degraded" &&
    (TRANSPORT_REASONS.has(first.reason) || OWN_TRANSPORT.has(first.reason))
  );
}
