import type { Evaluation, Finding } from "../evaluate/verdict.ts";
import type { OwnReason, Reason } from "../probe/net/reasons.ts";
import type { ProbeResult } from "../probe/net/result.ts";

/** What a check says of our own network, beside what it says of its site. */
export type NetworkEvidence = Pick<ProbeResult, "failure" | "heard" | "resolverAnswered">;

/** What works, as this run has seen: of one answer it is known. */
export interface Working {
  readonly network: boolean;
  readonly resolver: boolean;
}

/** `overdue`: suspected for so long that the silent sites are DOWN, whoever is the cause. */
export type Suspicion = "none" | "suspected" | "overdue";

/** Failures that a broken network or resolver of ours gives as well; all others prove that it works. */
const SILENT_REASONS: ReadonlySet<Reason | OwnReason> = new Set(["connect", "timeout", "own-dns"]);

/**
 * Whether nothing at all came back. A refused connection, a TLS alert, a certificate or any answer prove that our
 * own network works; a resolver that says "no such name" works too.
 */
export function isSilent({ failure, heard, resolverAnswered }: NetworkEvidence): boolean {
  if (!failure || heard) return false;
  return failure.reason === "dns" ? !resolverAnswered : SILENT_REASONS.has(failure.reason);
}

/** Whether the silence may be our own network's, or our resolver's. */
export function isOurs(found: NetworkEvidence, working: Working): boolean {
  if (!isSilent(found)) return false;
  return found.failure?.reason === "own-dns" ? !working.resolver : !working.network;
}

export function workingBy(results: readonly NetworkEvidence[]): Working {
  return {
    network: results.some(({ heard }) => heard),
    resolver: results.some(({ resolverAnswered }) => resolverAnswered),
  };
}

/** A name that our resolver cannot resolve, while it answers for others, has dead name servers: it is DOWN. */
export function withNameServersBlamed(evaluation: Evaluation): Evaluation {
  const [first] = evaluation.findings;
  if (first?.reason !== "own-dns") return evaluation;
  const text = `${first.text}; it answers for other names, so the name servers of this one are silent`;
  return { verdict: "DOWN", findings: [{ severity: "down", reason: "dns", text }] };
}

/** Whether it is our resolver that was silent, or had no answer of its own (SERVFAIL). */
export const isResolverSilent = ({ findings: [first] }: Evaluation): boolean =>
  first?.reason === "own-dns" || first?.reason === "dns";

/** What silence is worth while the monitor is suspected: nothing about the site. */
export function asSuspected(evaluation: Evaluation): Evaluation {
  const [first] = evaluation.findings;
  const isDns = isResolverSilent(evaluation);
  const why = isDns
    ? "our resolver answers for no name, so the monitor's own resolver is suspected"
    : "no site and no canary answers, so the monitor's own network is suspected";
  const finding: Finding = {
    severity: "unknown",
    reason: isDns ? "own-dns" : "own-network",
    text: `${why}; here: ${first?.text ?? ""}`,
  };
  return { verdict: "UNKNOWN", findings: [finding] };
}

/** What silence is worth when the suspicion has lasted too long: DOWN, by what was found. */
export function asOverdue(evaluation: Evaluation): Evaluation {
  const [first] = evaluation.findings;
  const isDns = isResolverSilent(evaluation);
  const own = isDns ? "dns" : (first?.reason ?? "timeout");
  const why = isDns
    ? "our resolver answers for no other name either: it may be the monitor's own"
    : "no other site and no canary answers either: it may be the monitor's own network";
  const text = `${first?.text ?? ""}; ${why}`;
  return { verdict: "DOWN", findings: [{ severity: "down", reason: own, text }] };
}

/** Since when the monitor is suspected, and for how long that may be; ms. */
export function suspicionAt(
  tick: number,
  since: number | undefined,
  suspectAtMostMs: number,
): Exclude<Suspicion, "none"> {
  return tick - (since ?? tick) >= suspectAtMostMs ? "overdue" : "suspected";
}
