import { mergeFailures } from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { annotateTriggers } from "../../shared/triggers/annotate.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { notifyChanges } from "./notify/notify-changes.ts";
import type { Dependencies } from "./run/dependencies.ts";
import { publish } from "./run/metrics.ts";
import { probeAll } from "./run/probe-all.ts";
import { readableStates, readStates } from "./run/read-states.ts";
import { ignoredResult, type Result, resultOf } from "./run/result.ts";
import { saveResults } from "./run/save-results.ts";
import { weighSuspicion } from "./run/weigh-suspicion.ts";
import { publishStatusPage } from "./status-page/publish.ts";
import { requestsFrom } from "./triggers.ts";

/** One invocation: every requested site probed and evaluated, its state saved, each change notified once. */
export async function checkSites(event: unknown, run: Run, deps: Dependencies): Promise<Result> {
  const triggers = annotateTriggers(decodeTriggers(event), run);
  const requests = requestsFrom(triggers, deps.sites.list, run.clock.now());
  if ("ignored" in requests) return ignoredResult(requests.ignored);

  run.progress("reading the sites' states; nothing was checked");
  const { states, due, credentials } = await readStates(requests, run, deps);

  run.progress(`probing ${due.length} sites; nothing was saved or notified`);
  const probed = await probeAll(due, states, credentials, run, deps);
  const weighed = await weighSuspicion(probed, requests, run, deps);
  const { checked } = weighed;
  if (requests.mode === "observe") return resultOf(checked, 0, []);
  publish(run.metrics, checked, run.clock.now(), requests.part);

  run.progress(`saving the results of ${checked.length} sites; nothing was notified`);
  const saved = await saveResults(weighed, states, requests, run, deps);

  run.progress("notifying; what is not sent stays in the outbox for the next run");
  const notNotified = await notifyChanges(saved.pending, run, deps);

  run.progress("writing the status page; everything is saved and notified");
  const known = new Map([...readableStates(states), ...saved.states]);
  const notPublished = await publishStatusPage(requests, known, run, deps);

  const result = resultOf(checked, requests.sites.length - due.length, saved.pending);
  run.log.info("done", { ...result });
  const [first, ...others] = [...saved.failures, ...notNotified, ...notPublished];
  if (first) throw mergeFailures([first, ...others]);
  return result;
}
