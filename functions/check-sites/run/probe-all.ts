import type { Run } from "../../../shared/lambda/run.ts";
import type { Credentials } from "../../../shared/secrets/credentials.ts";
import type { Site } from "../config/site.ts";
import { type CheckedSite, checkSite } from "./check-site.ts";
import type { Dependencies } from "./dependencies.ts";
import { inLanes } from "./lanes.ts";
import type { States } from "./save/save-results.ts";
import type { TraceBudget } from "./trace-budget.ts";
import { createTraceProbe } from "./trace-probe.ts";

/** Kept back of the invocation's time to save, publish and notify. */
export const RESERVE_MS = 10_000;

/** A probe that takes longer holds no lane any more, up to this many at once: it is a socket that waits. */
const SLOW_AFTER_MS = 2000;
const MOST_IN_FLIGHT = 400;

type ProbeDependencies = Pick<Dependencies, "sites" | "resolver" | "addressFilter" | "stopwatch"> & {
  readonly traceBudget: TraceBudget;
};

/** Probes with bounded concurrency until the time is up; sites that failed last time take no turn from others. */
export async function probeAll(
  due: readonly Site[],
  states: States,
  credentials: Credentials,
  run: Run,
  { traceBudget, sites, resolver, addressFilter, stopwatch }: ProbeDependencies,
): Promise<CheckedSite[]> {
  const traceProbe = createTraceProbe(traceBudget, (site) => failed(site, states));
  const end = new AbortController();
  const left = run.remainingMs() - RESERVE_MS;
  if (left <= 0) end.abort();
  const timer = setTimeout(() => end.abort(), left);
  try {
    return await run.stage("probe", (stage) => {
      stage.annotate("sites", due.length);
      const now = run.clock.now();
      const context = { resolver, addressFilter, stopwatch, run: end.signal, credentials, now, traceProbe };
      const limits = {
        lanes: sites.concurrency,
        slowAfterMs: SLOW_AFTER_MS,
        most: Math.max(sites.concurrency, MOST_IN_FLIGHT),
      };
      return inLanes(inOrder(due, states), limits, (site) => checkSite(site, context));
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Those that were well last time first; among equals whoever was not probed for longest, so that every site has its
 * turn though a run has not enough time for all.
 */
function inOrder(due: readonly Site[], states: States): Site[] {
  const stateOf = ({ name }: Site) => states.get(name)?.state;
  const probedAt = (site: Site) => stateOf(site)?.probedAt ?? 0;
  return due.toSorted(
    (a, b) => Number(failed(a, states)) - Number(failed(b, states)) || probedAt(a) - probedAt(b),
  );
}

function failed({ name }: Site, states: States): boolean {
  return (states.get(name)?.state?.findings.length ?? 0) > 0;
}
