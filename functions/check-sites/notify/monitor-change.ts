import { durationText } from "../../../shared/time/duration.ts";
import type { MonitorChange } from "../state/monitor-state.ts";
import { headingOf, iso } from "./text.ts";

/** The suspicion of the monitor, and its end, as a change of its own resource. */
export function monitorDocument(change: MonitorChange) {
  const { id, suspected, at, since, examples } = change;
  return {
    id,
    resource: "sites",
    kind: "change" as const,
    state: suspected ? ("begin" as const) : ("end" as const),
    runbook: headingOf("monitor"),
    from: suspected ? "WORKS" : "SUSPECTED",
    to: suspected ? "SUSPECTED" : "WORKS",
    at: iso(at),
    headline: monitorHeadline(change),
    severity: "error" as const,
    incident: { id: `sites/monitor/${since.toString(36)}`, sequence: suspected ? 1 : 2 },
    found: [...examples],
    since: iso(since),
    ...(!suspected && { until: iso(at), seconds: Math.round((at - since) / 1000) }),
  };
}

/** The suspicion of the monitor, or its end, in one line. */
export function monitorHeadline({ suspected, failing, of, since, at }: MonitorChange): string {
  return suspected
    ? `no answer from ${failing} of ${of} sites and the canary: the monitor's own network is suspected`
    : `the monitor's network works again after ${durationText(at - since)}`;
}

/** The same, with what follows from it and some sites. */
export function monitorText(change: MonitorChange): string {
  const { suspected, examples } = change;
  if (!suspected) return monitorHeadline(change);
  return (
    `${monitorHeadline(change)}, or something all of them share. ` +
    `These sites are UNKNOWN until one answers, and DOWN if that takes too long. For example ${examples.join("; ")}`
  );
}
