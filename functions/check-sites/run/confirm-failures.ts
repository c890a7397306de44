import { inCalls } from "../../../shared/aws/in-calls.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { isOpen } from "../../../shared/time/windows.ts";
import { shownEndpoint } from "../config/endpoint.ts";
import type { SeenSite } from "../confirm/request.ts";
import { confirmed, type Opinion, opinionOf } from "../evaluate/confirmation.ts";
import type { Requests } from "../triggers.ts";
import type { CheckedSite } from "./check-site.ts";
import type { Dependencies } from "./dependencies.ts";
import { NOT_CONFIRMED } from "./metrics.ts";
import { RESERVE_MS } from "./probe-all.ts";
import type { States } from "./save/save-results.ts";
import type { Weighed } from "./weigh-suspicion.ts";

/** Sites in one call: a region's answer stays small, and its function probes them side by side. */
const SITES_A_CALL = 100;
const CALLS_AT_ONCE = 10;

/**
 * Has the other regions look at what fails and is not known to be DOWN. While all is well, and once a failure is known,
 * nobody is asked.
 */
export async function confirmFailures(
  weighed: Weighed,
  states: States,
  { tick }: Requests,
  run: Run,
  deps: Dependencies,
): Promise<Weighed> {
  const { confirmFrom } = deps.sites;
  const isNew = (one: CheckedSite) => isNewFailure(one, states, tick);
  const failing = weighed.checked.filter(isNew);
  if (confirmFrom.length === 0 || failing.length === 0) return weighed;
  return run.stage("confirm", async (stage) => {
    stage.annotate("sites", failing.length);
    const signal = AbortSignal.any([run.signal, AbortSignal.timeout(timeLeft(run))]);
    const byRegion = await Promise.all(
      confirmFrom.map(async (region) => [region, await askAll(region, failing, signal, run, deps)] as const),
    );
    const checked = weighed.checked.map((one) =>
      isNew(one)
        ? withOpinions(
            one,
            deps.homeRegion,
            byRegion.map(([region, seen]) => opinionFrom(region, one, seen)),
          )
        : one,
    );
    const stillSuspect = checked.some(({ suspicion }) => suspicion !== undefined);
    return { suspicion: stillSuspect ? weighed.suspicion : "none", checked };
  });
}

function isNewFailure(
  { site, evaluation, suspicion, unprobed }: CheckedSite,
  states: States,
  tick: number,
): boolean {
  if (unprobed || site.confirm === "never") return false;
  if (evaluation.verdict !== "DOWN" && suspicion === undefined) return false;
  // What fails in a maintenance window is not notified.
  if (site.maintenance.some((window) => isOpen(window, tick))) return false;
  return states.get(site.name)?.state?.level !== "DOWN";
}

/** How a region sees a site, or why it could not be asked. */
type SeenOrNot = SeenSite | { readonly why: string };
type Seen = ReadonlyMap<string, SeenOrNot>;

async function askAll(
  region: string,
  failing: readonly CheckedSite[],
  signal: AbortSignal,
  run: Run,
  { askRegion }: Dependencies,
): Promise<Seen> {
  const asked = failing.map(({ site }) => ({ name: site.name, address: shownEndpoint(site.endpoint) }));
  const answers = await inParallel(
    inCalls(asked, SITES_A_CALL),
    CALLS_AT_ONCE,
    async (sites): Promise<[string, SeenOrNot][]> => {
      try {
        const seen = await askRegion(region, sites, signal);
        return seen.map((one) => [one.name, one]);
      } catch (error) {
        const why = `it could not be asked: ${whyOf(error)}`;
        run.log.warn(`${region} confirms nothing: ${why}. The failures stand as they were found`, { region });
        run.metrics.count(NOT_CONFIRMED, 1);
        return sites.map(({ name }) => [name, { why }]);
      }
    },
  );
  return new Map(answers.flat());
}

/** AWS's own errors by their names: their messages are long, and the name says it. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return "an unknown error";
  return error.name === "Error" ? error.message : error.name;
}

function opinionFrom(region: string, { result, ...one }: CheckedSite, seen: Seen): Opinion {
  const found = seen.get(one.site.name);
  if (!found || "why" in found) {
    return { region, says: "cannot-tell", why: found?.why ?? "it did not answer for this site" };
  }
  return opinionOf(region, { evaluation: evaluationOf(one), answered: !result.failure }, found);
}

function withOpinions(one: CheckedSite, home: string, opinions: readonly Opinion[]): CheckedSite {
  const before = evaluationOf(one);
  const found = one.suspicion === "suspected" ? { ...before, verdict: "UNKNOWN" as const } : before;
  const evaluation = confirmed(found, home, opinions);
  // Every region was inconclusive: it is still suspected.
  if (evaluation.verdict === "UNKNOWN") return one;
  const { suspicion, beforeSuspicion: _, firstAttempt, ...rest } = one;
  if (evaluation.verdict === "DEGRADED") return { ...rest, evaluation };
  return {
    ...rest,
    evaluation,
    ...(firstAttempt && { firstAttempt }),
    ...(suspicion === "overdue" && { suspicion }),
  };
}

/** What was found, before it was put down to our own network. */
function evaluationOf({ evaluation, beforeSuspicion }: Pick<CheckedSite, "evaluation" | "beforeSuspicion">) {
  return beforeSuspicion ?? evaluation;
}

/** What is left of the run's time for this, ms. */
function timeLeft(run: Run): number {
  return Math.max(0, run.remainingMs() - RESERVE_MS);
}
