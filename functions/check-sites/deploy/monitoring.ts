import type { AlarmSpec } from "../../../shared/monitoring/alarm.ts";
import { atLeastOne, partOfSweepAlarm, sweepAlarm } from "../../../shared/monitoring/function-alarms.ts";
import { reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { COLOURS, type Graph } from "../../../shared/monitoring/section.ts";
import type { Site } from "../config/site.ts";
import type { Sites } from "../config/sites.ts";
import { NOT_CONFIRMED, PHASE_METRICS } from "../run/metrics.ts";
import { partName, partsOf } from "./schedules.ts";

const NAME = "check-sites";

export function monitoring(
  sites: Pick<Sites, "list" | "perInvocation" | "phaseMetrics" | "confirmFrom">,
  info: StageInfo,
): Monitoring {
  return {
    alarms: [sweepAlarm(NAME, info), ...partAlarms(sites), ...confirmAlarms(sites)],
    tables: [`reflex-${info.stage}-sites`],
    section: {
      title: "Sites",
      resources: sites.list.map((site) => ({ name: site.name, graphs: graphsOf(site, sites) })),
    },
  };
}

/** One for each part of the list: a part that is not checked would not be missed among the others. */
function partAlarms(sites: Pick<Sites, "list" | "perInvocation">): AlarmSpec[] {
  const parts = partsOf(sites);
  if (parts === 1) return [];
  return Array.from({ length: parts }, (_, index) => {
    const part = partName({ number: index + 1, of: parts });
    // There in every run that came to its end, also with nothing to check.
    return partOfSweepAlarm(NAME, reflexMetric(NAME, "SitesChecked", "SampleCount", { Part: part }), part);
  });
}

/** Nobody invokes the functions in other regions while all is well: that one does not answer is seen with a failure. */
function confirmAlarms({ confirmFrom }: Pick<Sites, "confirmFrom">): AlarmSpec[] {
  if (confirmFrom.length === 0) return [];
  return [
    {
      name: "sites-not-confirmed",
      title: "Sites not confirmed",
      description: `A region of confirmFrom (${confirmFrom.join(", ")}) could not be asked about a site that fails. The failure is notified as it was found here.`,
      severity: "ticket",
      of: reflexMetric(NAME, NOT_CONFIRMED, "Sum"),
      // A failure is asked about once or twice, until it is known.
      rule: atLeastOne({ period: 300, datapoints: 1, among: 1 }),
    },
  ];
}

/** With the phases and the certificate where they are metrics. */
const graphsOf = (site: Site, { phaseMetrics }: Pick<Sites, "phaseMetrics">): readonly Graph[] =>
  phaseMetrics ? [verdicts(site, [certificate(site)]), phases(site)] : [verdicts(site), duration(site)];

function verdicts({ name }: Site, more: Graph["lines"] = []): Graph {
  return {
    title: `${name}: up`,
    left: { label: "up", min: 0, max: 1 },
    right: { label: "days", min: 0 },
    lines: [
      { metric: reflexMetric(NAME, "Up", "Average", { Site: name }), label: "up", color: COLOURS.capacity },
      ...more,
    ],
  };
}

const certificate = ({ name }: Site): Graph["lines"][number] => ({
  metric: reflexMetric(NAME, "CertificateDays", "Average", { Site: name }),
  label: "days of the certificate",
  axis: "right",
});

const duration = ({ name }: Site): Graph => ({
  title: `${name}: what a check took`,
  left: { label: "ms", min: 0 },
  lines: [{ metric: reflexMetric(NAME, "Duration", "Maximum", { Site: name }), label: "slowest" }],
});

/** What a check took, by the phases it is the sum of. */
function phases({ name }: Site): Graph {
  const ofSite = { Site: name };
  return {
    title: `${name}: what a check took`,
    left: { label: "ms, phases", min: 0 },
    right: { label: "ms, all of it", min: 0 },
    stacked: true,
    lines: [
      ...PHASE_METRICS.map(([phase, metric]) => ({
        metric: reflexMetric(NAME, metric, "Average", ofSite),
        label: phase,
      })),
      { metric: reflexMetric(NAME, "Duration", "Maximum", ofSite), label: "slowest", axis: "right" },
    ],
  };
}
