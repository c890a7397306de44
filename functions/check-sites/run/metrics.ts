import type { Freshness } from "../../../shared/lambda/freshness.ts";
import type { Dimensions, RunMetrics } from "../../../shared/lambda/metrics.ts";
import type { Sites } from "../config/sites.ts";
import { partName } from "../deploy/schedules.ts";
import { PHASES } from "../probe/net/result.ts";
import type { Part } from "../triggers.ts";
import { type CheckedSite, hasAnswered } from "./check-site.ts";

const DAY = 86_400_000;

/** The phases' metrics, named as they are searched for: `PhaseResolve` … `PhaseTransfer`. */
export const PHASE_METRICS = PHASES.map(
  (phase) => [phase, `Phase${phase[0]?.toUpperCase()}${phase.slice(1)}`] as const,
);

/** Calls to other regions that failed: an alarm is on it. */
export const NOT_CONFIRMED = "NotConfirmed";

/**
 * The metrics of one run. Phases and certificates are in the log line, and metrics only where `phaseMetrics` says so:
 * six metrics a site would cost more than everything else that checking it takes. A check that failed has no duration (an answer that never came is not a fast one),
 * and an inconclusive one has no `Up` either. `SitesChecked` is there in every run, also with nothing to
 * check: the alarm on its absence watches the checker itself. Where the list is cut into parts, each part has
 * its own.
 */
export function publish(
  metrics: RunMetrics,
  checked: readonly CheckedSite[],
  now: number,
  { phaseMetrics, part }: Pick<Sites, "phaseMetrics"> & { readonly part?: Part | undefined },
): void {
  const detail = (name: string, unit: "Milliseconds" | "Count", value: number, dimensions: Dimensions) =>
    phaseMetrics ? metrics.record(name, unit, value, dimensions) : metrics.note(name, value, dimensions);
  // A sign of life, also with 0: a count of 0 is not published.
  metrics.record("SitesChecked", "Count", checked.length);
  if (part && part.of > 1) metrics.record("SitesChecked", "Count", checked.length, { Part: partName(part) });
  for (const one of checked) {
    const { site, result: seen, evaluation } = one;
    const dimensions = { Site: site.name };
    const { verdict, findings } = evaluation;
    if (verdict !== "UNKNOWN") metrics.record("Up", "Count", verdict === "DOWN" ? 0 : 1, dimensions);
    if (hasAnswered(one)) {
      metrics.record("Duration", "Milliseconds", seen.time, dimensions);
      for (const [phase, name] of PHASE_METRICS) {
        detail(name, "Milliseconds", seen.phases[phase], dimensions);
      }
    }
    if (seen.certificate) {
      detail("CertificateDays", "Count", (seen.certificate.validTo - now) / DAY, dimensions);
    }
    const [first] = findings;
    if (first) metrics.count("NotUp", 1, { ...dimensions, Reason: first.reason });
  }
}

/**
 * A site was looked at well when its check says something of the site itself. One whose silence may be the monitor's own
 * was not, also where it counts as DOWN because that has lasted too long: a monitor that is blind is Reflex not working.
 */
export function recordFreshness(checked: readonly CheckedSite[], freshness: Freshness, now: number): void {
  for (const { site, evaluation, suspicion } of checked) {
    const resource = `site/${site.name}`;
    if (evaluation.verdict === "UNKNOWN" || suspicion !== undefined) freshness.notServed(resource, now);
    else freshness.served(resource);
  }
}
