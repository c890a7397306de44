import type { Site } from "../config/site.ts";
import { type CheckResult, evaluate, worst } from "../evaluate/evaluate.ts";
import type { ConditionResults } from "../evaluate/verdict.ts";
import { ProbeError } from "../probe/net/probe-error.ts";
import type { ProbeResult } from "../probe/net/result.ts";
import { type AnyTarget, probe } from "../probe/probe.ts";
import type { ProbeContext } from "../probe/types.ts";
import type { Credentials } from "../secrets/credentials.ts";
import { readyToProbe, redactor } from "../secrets/resolve-secrets.ts";

/** What of a probe's facts is still needed once they are judged: bodies and headers are let go of. */
export type ProbeSummary = Omit<ProbeResult, "body" | "headers" | "answers">;

/** One site, checked in this run. */
export interface CheckedSite {
  readonly site: Site;
  readonly seen: ProbeSummary;
  readonly judgement: ConditionResults;
  /** What the first of several attempts found. */
  readonly firstAttempt?: ConditionResults;
}

/** One for each address that was probed. */
export type AddressResults = readonly [CheckResult, ...CheckResult[]];

/** What checking a site needs. */
export interface CheckContext extends ProbeContext {
  readonly credentials: Credentials;
  /** ms since the epoch. */
  readonly now: number;
  /** Told of each probe, before it begins, and of what came of it. */
  readonly watch: (
    site: Site,
    target: AnyTarget,
    body: () => Promise<AddressResults>,
  ) => Promise<AddressResults>;
}

const NOTHING_SEEN: ProbeSummary = {
  phases: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 },
  time: 0,
  hops: [],
};

/**
 * Probes and judges one site, again if its policy says so. Never throws: whatever goes wrong with one site, the
 * others are checked.
 */
export async function checkSite(site: Site, context: CheckContext): Promise<CheckedSite> {
  if (context.run.aborted)
    return unknown(site, new ProbeError("deadline", "our own run ended before its turn"));
  try {
    return await probeAndJudge(site, context);
  } catch (error) {
    return unknown(site, error);
  }
}

async function probeAndJudge(site: Site, context: CheckContext): Promise<CheckedSite> {
  const { target, secrets } = readyToProbe(site, context.credentials);
  const clean = redactor(secrets);

  const attempt = async (): Promise<CheckResult> => {
    const judged = await context.watch(site, target, async () => {
      const found = await probe(target, context);
      const [first, ...others] = found.map((facts) => ({
        facts,
        judgement: evaluate(facts, site.conditions, context.now, clean),
      }));
      if (!first) throw new Error("a probe gave no facts");
      return [first, ...others];
    });
    return worst(judged);
  };

  const first = await attempt();
  let last = first;
  for (let more = site.retries; more > 0 && isWorthARetry(last.judgement) && !context.run.aborted; more--) {
    last = await attempt();
  }
  return {
    site,
    seen: withoutContent(last.facts),
    judgement: last.judgement,
    ...(last !== first && { firstAttempt: first.judgement }),
  };
}

function isWorthARetry({ verdict }: ConditionResults): boolean {
  return verdict === "DOWN" || verdict === "DEGRADED";
}

/** Nothing is known, by a fault of our own; an error that is no such fault is a mistake in our code. */
function unknown(site: Site, error: unknown): CheckedSite {
  const { reason, message: text } =
    error instanceof ProbeError
      ? error
      : new ProbeError("own-fault", `the check itself failed: ${nameOf(error)}`);
  return {
    site,
    seen: NOTHING_SEEN,
    judgement: { verdict: "UNKNOWN", findings: [{ severity: "unknown", reason, text }] },
  };
}

/** The error's name only: its message might quote what was sent or received. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "an unknown error";
}

function withoutContent(facts: ProbeResult): ProbeSummary {
  const { body: _body, headers: _headers, answers: _answers, ...seen } = facts;
  return seen;
}
