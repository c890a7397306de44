import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Site } from "../config/site.ts";
import type { Credentials } from "../secrets/credentials.ts";
import { type CheckedSite, checkSite } from "./check-site.ts";
import type { Dependencies } from "./dependencies.ts";
import type { States } from "./save-results.ts";
import { traceProbe } from "./trace-probe.ts";

/** Kept back of the invocation's time to save, publish and notify. */
const RESERVE_MS = 10_000;

/** Probes with bounded concurrency until the time is up; sites that are DOWN already take no turn from others. */
export async function probeAll(
  due: readonly Site[],
  states: States,
  credentials: Credentials,
  run: Run,
  deps: Dependencies,
): Promise<CheckedSite[]> {
  const { sites, resolver, addressFilter, stopwatch } = deps;
  const healthyFirst = [...due].sort((a, b) => Number(isDown(a, states)) - Number(isDown(b, states)));
  const end = new AbortController();
  const left = run.remainingMs() - RESERVE_MS;
  if (left <= 0) end.abort();
  const timer = setTimeout(() => end.abort(), left);
  try {
    return await run.stage("probe", (stage) => {
      stage.annotate("sites", due.length);
      const now = run.clock.now();
      const context = { resolver, addressFilter, stopwatch, run: end.signal, credentials, now, traceProbe };
      return inParallel(healthyFirst, sites.concurrency, (site) => checkSite(site, context));
    });
  } finally {
    clearTimeout(timer);
  }
}

function isDown({ name }: Site, states: States): boolean {
  return states.get(name)?.state?.level === "DOWN";
}
