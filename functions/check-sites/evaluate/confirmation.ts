import { cut } from "../probe/net/probe-error.ts";
import type { Evaluation, Finding } from "./verdict.ts";

/**
 * A failure that home has found, weighed against what other regions see. It is only home's where every one of them finds
 * the site well: of home and two others that is two of three, and one other region decides alone. A region that cannot
 * be asked, or is inconclusive, finds nothing well: it never hides a failure.
 */

/** What home has found. */
export interface FailureAtHome {
  readonly evaluation: Evaluation;
  /** Whether there was a complete answer: then it was a condition that failed. */
  readonly answered: boolean;
}

/** The site, as another region sees it. */
export interface SeenElsewhere {
  readonly verdict: Evaluation["verdict"];
  readonly answered: boolean;
  /** `withheld`: asked without its credentials. */
  readonly credentials: "none-needed" | "sent" | "withheld";
  /** Requests that were made, redirects followed. */
  readonly hops: number;
  readonly findings: readonly { readonly severity: string; readonly reason: string; readonly text: string }[];
}

/** What another region says of a failure at home. */
export interface Opinion {
  readonly region: string;
  readonly says: "well" | "fails" | "cannot-tell";
  /** Why it cannot tell. */
  readonly why?: string;
}

/** Failures that a probe without credentials meets as well: they lie below the request. */
const CREDENTIALS_MATTER: ReadonlySet<string> = new Set(["tls", "certificate"]);

/**
 * What one region's probe says of the failure. How far away it is counts for nothing: unless home finds the site slow,
 * it may be slow there.
 */
export function opinionOf(region: string, home: FailureAtHome, seen: SeenElsewhere): Opinion {
  const [first] = seen.findings;
  if (seen.verdict === "UNKNOWN")
    return { region, says: "cannot-tell", why: first?.text ?? "it cannot tell" };
  const down = seen.findings.filter(({ severity }) => severity === "down");
  const failing = down.filter(({ reason }) => isSlow(home) || !seen.answered || reason !== "timeout");
  if (seen.credentials !== "withheld") return { region, says: failing.length === 0 ? "well" : "fails" };
  return withoutCredentials(region, home, seen, failing);
}

/** What an answer to a request without credentials is worth. */
function withoutCredentials(
  region: string,
  home: FailureAtHome,
  seen: SeenElsewhere,
  failing: SeenElsewhere["findings"],
): Opinion {
  const cannotTell = { region, says: "cannot-tell", why: "not without its credentials" } as const;
  if (!seen.answered) {
    return failing.some(({ reason }) => CREDENTIALS_MATTER.has(reason))
      ? cannotTell
      : { region, says: "fails" };
  }
  // Below the request, any answer proves that it works there.
  if (!home.answered) return { region, says: "well" };
  const isByStatus = downFindings(home).every(({ reason }) => reason === "status");
  // A redirect is how many sites ask for credentials.
  return isByStatus && failing.length === 0 && seen.hops <= 1 ? { region, says: "well" } : cannotTell;
}

function isSlow(home: FailureAtHome): boolean {
  return home.answered && downFindings(home).some(({ reason }) => reason === "timeout");
}

function downFindings({ evaluation }: FailureAtHome): readonly Finding[] {
  return evaluation.findings.filter(({ severity }) => severity === "down");
}

/**
 * The evaluation with the regions' opinions in it: DEGRADED where the site fails only at home; otherwise what it was,
 * with what they say. What could be our own network's silence (UNKNOWN) is DOWN where one of them sees it too.
 */
export function confirmed(evaluation: Evaluation, home: string, opinions: readonly Opinion[]): Evaluation {
  const [first, ...others] = evaluation.findings;
  if (!first || opinions.length === 0) return evaluation;
  const regionsThat = (says: Opinion["says"]) => opinions.filter((one) => one.says === says);
  const [well, fails] = [regionsThat("well"), regionsThat("fails")];
  if (well.length === opinions.length) {
    const text = `only from ${home}: ${cut(first.text)}; ${finds(well)} it well`;
    return { verdict: "DEGRADED", findings: [{ severity: "degraded", reason: first.reason, text }] };
  }
  const said = [
    ...(fails.length > 0 ? [`also from ${named(fails)}`] : []),
    ...(well.length > 0 ? [`${finds(well)} it well`] : []),
    ...regionsThat("cannot-tell").map(
      ({ region, why = "" }) => `${region} cannot tell: ${cut(why, MAX_WHY)}`,
    ),
  ];
  const text = `${cut(first.text)}; ${said.join("; ")}`;
  if (evaluation.verdict !== "UNKNOWN") return { ...evaluation, findings: [{ ...first, text }, ...others] };
  if (fails.length === 0) return { ...evaluation, findings: [{ ...first, text }, ...others] };
  const reason = first.reason === "own-dns" ? "dns" : first.reason;
  return { verdict: "DOWN", findings: [{ severity: "down", reason, text }] };
}

const MAX_WHY = 120;

function finds(opinions: readonly Opinion[]): string {
  return `${named(opinions)} ${opinions.length === 1 ? "finds" : "find"}`;
}

function named(opinions: readonly Opinion[]): string {
  return opinions.map(({ region }) => region).join(" and ");
}
