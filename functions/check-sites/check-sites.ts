import { mergeFailures, type ReflexError } from "../../shared/lambda/errors.ts";
import { publishStale } from "../../shared/lambda/freshness.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { annotateTriggers } from "../../shared/triggers/annotate.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { holdPaused } from "./notify/hold-paused.ts";
import { notifyChanges } from "./notify/notify-changes.ts";
import { confirmFailures } from "./run/confirm-failures.ts";
import type { Dependencies } from "./run/dependencies.ts";
import { publish, recordFreshness } from "./run/metrics.ts";
import { probeAll } from "./run/probe-all.ts";
import { readableStates, readStates } from "./run/read-states.ts";
import { addResults, ignoredResult, type Result, resultOf } from "./run/result.ts";
import { nextRound, roundsOf } from "./run/rounds.ts";
import { saveIncidents } from "./run/save/save-incidents.ts";
import { saveResults } from "./run/save/save-results.ts";
import { TraceBudget } from "./run/trace-budget.ts";
import { weighSuspicion } from "./run/weigh-suspicion.ts";
import type { SiteState } from "./state/state.ts";
import { stateOf } from "./state/state-of.ts";
import { publishStatusPage } from "./status-page/publish.ts";
import { type Requests, requestsFrom } from "./triggers.ts";

/** One invocation: every requested site probed and evaluated, its state saved, each change notified once. */
export async function checkSites(event: unknown, run: Run, deps: Dependencies): Promise<Result> {
  const triggers = annotateTriggers(decodeTriggers(event), run);
  const requests = requestsFrom(triggers, deps.sites.list, run.clock.now());
  if ("ignored" in requests) return ignoredResult(requests.ignored);

  const beganAt = run.clock.now();
  const roundDeps = { ...deps, traceBudget: new TraceBudget() };
  const [first, ...later] = roundsOf(requests.sites);
  let done = await checkRound({ ...requests, sites: first.sites }, run, roundDeps);
  for (const round of later) {
    if (requests.mode === "observe" || !(await nextRound(round, beganAt, run, deps))) break;
    const next = await checkRound(
      { ...requests, ...round, tick: requests.tick + round.offsetMs },
      run,
      roundDeps,
    );
    done = bothRounds(done, next);
  }

  if (requests.mode !== "observe") publishStale(deps.freshness.minutesStale(run.clock.now()), run);
  run.progress("writing the status page; everything is saved and notified");
  const notPublished = await publishStatusPage(requests, done, run, deps);
  run.log.info("done", { ...done.result });
  const [failure, ...others] = [...done.failures, ...notPublished];
  if (failure) throw mergeFailures([failure, ...others]);
  return done.result;
}

interface DoneRound {
  readonly result: Result;
  readonly states: ReadonlyMap<string, SiteState>;
  /** Sites whose state is another than before. */
  readonly changed: ReadonlySet<string>;
  readonly failures: readonly ReflexError[];
}

/** The trace is one for all rounds of an invocation. */
type RoundDependencies = Dependencies & { readonly traceBudget: TraceBudget };

/** Every site of one round: read, probed, weighed, published, saved, notified. */
async function checkRound(requests: Requests, run: Run, deps: RoundDependencies): Promise<DoneRound> {
  run.progress("reading the sites' states; nothing was checked");
  const { states, due, credentials } = await readStates(requests, run, deps);

  run.progress(`probing ${due.length} sites; nothing was saved or notified`);
  const probed = await probeAll(due, states, credentials, run, deps);
  const suspected = await weighSuspicion(probed, requests, run, deps);
  const weighed = await confirmFailures(suspected, states, requests, run, deps);
  const { checked } = weighed;
  const known = new Map(readableStates(states));
  if (requests.mode === "observe")
    return { result: resultOf(checked, 0, []), states: known, changed: new Set(), failures: [] };
  publish(run.metrics, checked, run.clock.now(), {
    phaseMetrics: deps.sites.phaseMetrics,
    part: requests.part,
  });

  recordFreshness(checked, deps.freshness, run.clock.now());

  run.progress(`saving the results of ${checked.length} sites; nothing was notified`);
  const saved = await saveResults(weighed, states, requests, run, deps);

  const notRemembered = await saveIncidents(known, saved.states, run, deps);

  run.progress("notifying; what is not sent stays in the outbox for the next run");
  const notNotified = await notifyChanges(await holdPaused(saved.pending, run, deps), run, deps);
  return {
    result: resultOf(checked, requests.sites.length - due.length, saved.pending),
    states: new Map([...known, ...saved.states]),
    changed: changedSites(known, saved.states),
    failures: [...saved.failures, ...notRemembered, ...notNotified],
  };
}

function bothRounds(one: DoneRound, other: DoneRound): DoneRound {
  return {
    result: addResults(one.result, other.result),
    states: new Map([...one.states, ...other.states]),
    changed: new Set([...one.changed, ...other.changed]),
    failures: [...one.failures, ...other.failures],
  };
}

function changedSites(before: DoneRound["states"], after: DoneRound["states"]): ReadonlySet<string> {
  const isChanged = ([name, state]: [string, SiteState]) => {
    const known = before.get(name);
    return !known || stateOf(known) !== stateOf(state);
  };
  return new Set([...after].filter(isChanged).map(([name]) => name));
}
