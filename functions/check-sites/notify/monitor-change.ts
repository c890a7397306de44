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
export function monitorHeadline({ suspected, silent, failing, of, since, at }: MonitorChange): string {
  const sites = `${failing} of ${of} sites`;
  const lasted = durationText(at - since);
  if (silent === "resolver")
    return suspected
      ? `no answer from our resolver for ${sites}: the monitor's own resolver is suspected`
      : `the monitor's resolver answers again after ${lasted}`;
  return suspected
    ? `no answer from ${sites} and the canary: the monitor's own network is suspected`
    : `the monitor's network works again after ${lasted}`;
}

/** What follows from it, and some sites. */
export function monitorText(change: MonitorChange): string {
  const { suspected, failing, examples } = change;
  if (!suspected) return "it sees the sites again";
  return (
    `it cannot tell how ${failing} sites are: they are UNKNOWN until one answers, and DOWN if that takes too long. ` +
    `The cause may also be something that all of them share. For example ${examples.join("; ")}`
  );
}
