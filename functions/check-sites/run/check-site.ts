import type { Credentials } from "../../../shared/secrets/credentials.ts";
import { redactor } from "../../../shared/secrets/redactor.ts";
import type { Site } from "../config/site.ts";
import { type CheckResult, evaluate, worst } from "../evaluate/evaluate.ts";
import type { Evaluation } from "../evaluate/verdict.ts";
import { alsoAllowing } from "../probe/net/address-filter.ts";
import { ProbeError } from "../probe/net/probe-error.ts";
import type { ProbeResult } from "../probe/net/result.ts";
import { type AnyTarget, probe } from "../probe/probe.ts";
import type { ProbeContext } from "../probe/types.ts";
import { readyToProbe } from "../secrets/resolve-secrets.ts";
import type { Suspicion } from "../state/monitor-suspicion.ts";

/** What of a probe's result is still needed once it is evaluated: bodies and headers are let go of. */
export type ProbeSummary = Omit<ProbeResult, "body" | "headers" | "answers">;

/** One site, checked in this run. */
export interface CheckedSite {
  readonly site: Site;
  readonly result: ProbeSummary;
  readonly evaluation: Evaluation;
  /** What the first of several attempts found. */
  readonly firstAttempt?: Evaluation;
  /** Our run ended before its turn: nothing was sent. */
  readonly unprobed?: true;
  /** Its silence may be our own network's. */
  readonly suspicion?: Exclude<Suspicion, "none">;
  /** What was found, before its silence was weighed. */
  readonly beforeSuspicion?: Evaluation;
}

/** One for each address that was probed. */
export type AddressResults = readonly [CheckResult, ...CheckResult[]];

/** What checking a site needs. */
export interface CheckContext extends ProbeContext {
  readonly credentials: Credentials;
  /** ms since the epoch. */
  readonly now: number;
  /** Called with each probe before it begins, and with its result. */
  readonly traceProbe: (
    site: Site,
    target: AnyTarget,
    body: () => Promise<AddressResults>,
  ) => Promise<AddressResults>;
}

/** Whether the site has given its answer, good or bad: then its times say something. */
export function hasAnswered({ result, evaluation }: Pick<CheckedSite, "result" | "evaluation">): boolean {
  return !result.failure && (evaluation.verdict === "UP" || evaluation.verdict === "DEGRADED");
}

const NO_RESULT: ProbeSummary = {
  phases: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 },
  time: 0,
  hops: [],
};

/**
 * Probes and evaluates one site, again if its policy says so. Never throws: whatever goes wrong with one site, the
 * others are checked.
 */
export async function checkSite(site: Site, context: CheckContext): Promise<CheckedSite> {
  if (context.run.aborted) return unprobed(site);
  try {
    return await probeAndEvaluate(site, context);
  } catch (error) {
    return unknown(site, error);
  }
}

async function probeAndEvaluate(site: Site, context: CheckContext): Promise<CheckedSite> {
  const { target, secrets } = readyToProbe(site, context.credentials);
  const clean = redactor(secrets);

  const attempt = async (): Promise<CheckResult> => {
    const evaluated = await context.traceProbe(site, target, async () => {
      const addressFilter = alsoAllowing(context.addressFilter, site.allow);
      const found = await probe(target, { ...context, addressFilter });
      const [first, ...others] = found.map((result) => ({
        result: { ...result, hops: result.hops.map((hop) => ({ ...hop, url: clean(hop.url) })) },
        evaluation: evaluate(result, site.conditions, context.now, clean),
      }));
      if (!first) throw new Error("a probe gave no result");
      return [first, ...others];
    });
    return worst(evaluated);
  };

  const first = await attempt();
  let last = first;
  for (let more = site.retries; more > 0 && isWorthARetry(last.evaluation) && !context.run.aborted; more--) {
    const next = await attempt();
    // A retry that the end of our run cut off says nothing: what the attempts before it found stands.
    if (next.result.failure?.reason === "deadline") break;
    last = next;
  }
  return {
    site,
    result: withoutContent(last.result),
    evaluation: last.evaluation,
    ...(last !== first && { firstAttempt: first.evaluation }),
  };
}

/** What a site comes to whose turn did not come before the run's end. */
function unprobed(site: Site): CheckedSite {
  return {
    ...unknown(site, new ProbeError("deadline", "our own run ended before its turn")),
    unprobed: true,
  };
}

function isWorthARetry({ verdict }: Evaluation): boolean {
  return verdict === "DOWN" || verdict === "DEGRADED";
}

/** Nothing is known; an error that is no `ProbeError` is a mistake in our own code. */
function unknown(site: Site, error: unknown): CheckedSite {
  const { reason, message: text } =
    error instanceof ProbeError
      ? error
      : new ProbeError("internal", `the check itself failed: ${nameOf(error)}`);
  return {
    site,
    result: NO_RESULT,
    evaluation: { verdict: "UNKNOWN", findings: [{ severity: "unknown", reason, text }] },
  };
}

/** The error's name only: its message might quote what was sent or received. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "an unknown error";
}

function withoutContent(result: ProbeResult): ProbeSummary {
  const { body: _body, headers: _headers, answers: _answers, ...summary } = result;
  return summary;
}
