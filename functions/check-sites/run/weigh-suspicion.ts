import type { Run } from "../../../shared/lambda/run.ts";
import {
  asOverdue,
  asSuspected,
  isOurs,
  isSilent,
  type Suspicion,
  suspicionAt,
  type Working,
  withNameServersBlamed,
  workingBy,
} from "../state/monitor-suspicion.ts";
import type { Requests } from "../triggers.ts";
import type { CheckedSite } from "./check-site.ts";
import type { Dependencies } from "./dependencies.ts";

/** The run's checks, weighed against each other. */
export interface Weighed {
  readonly suspicion: Suspicion;
  readonly checked: readonly CheckedSite[];
}

/**
 * Silence of a site can be our own network's, but only while no other site and no canary answers. The canary is
 * asked only then.
 */
export async function weighSuspicion(
  checked: readonly CheckedSite[],
  { tick }: Requests,
  run: Run,
  deps: Dependencies,
): Promise<Weighed> {
  const working = await whatWorks(checked, run, deps);
  const weighed = working.resolver ? checked.map(blameNameServers) : checked;
  const isSuspect = ({ result }: CheckedSite) => isOurs(result, working);
  if (!weighed.some(isSuspect)) return { suspicion: "none", checked: weighed };
  const monitor = await deps.store.readMonitor(run.signal);
  const suspicion = suspicionAt(tick, monitor?.state?.since, deps.sites.suspectAtMostMs);
  return { suspicion, checked: weighed.map((one) => (isSuspect(one) ? under(suspicion, one) : one)) };
}

async function whatWorks(checked: readonly CheckedSite[], run: Run, deps: Dependencies): Promise<Working> {
  const bySites = workingBy(checked.map(({ result }) => result));
  const isDnsOpen = checked.some(({ result }) => result.failure?.reason === "own-dns") && !bySites.resolver;
  const isNetworkOpen = checked.some(({ result }) => isSilent(result)) && !bySites.network;
  if (!isDnsOpen && !isNetworkOpen) return bySites;
  const canary = await deps.askCanary(run.signal);
  return {
    network: bySites.network || canary.heard === true,
    resolver: bySites.resolver || canary.resolverAnswered === true,
  };
}

function blameNameServers(one: CheckedSite): CheckedSite {
  return { ...one, evaluation: withNameServersBlamed(one.evaluation) };
}

function under(suspicion: Exclude<Suspicion, "none">, one: CheckedSite): CheckedSite {
  const evaluation = suspicion === "overdue" ? asOverdue(one.evaluation) : asSuspected(one.evaluation);
  return { ...one, suspicion, evaluation, beforeSuspicion: one.evaluation };
}
