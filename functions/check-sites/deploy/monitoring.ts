import type { WatchAlarm } from "../../../shared/monitoring/alarm.ts";
import { functionAlarms, silent } from "../../../shared/monitoring/function-alarms.ts";
import { own } from "../../../shared/monitoring/metric.ts";
import { COLOURS, type Graph } from "../../../shared/monitoring/section.ts";
import type { Place, Watched } from "../../../shared/monitoring/monitored.ts";
import { PHASE_METRICS } from "../run/metrics.ts";
import { partName, partsOf } from "./schedules.ts";
import type { Site, Sites } from "../config/site.ts";

const NAME = "check-sites";

export function watch(sites: Pick<Sites, "list" | "perInvocation">, place: Place): Watched {
  return {
    functions: [NAME],
    alarms: [
      ...functionAlarms(NAME, place),
      // There in every run that came to its end, also with nothing to check.
      ...silences(sites),
    ],
    section: {
      title: "Sites",
      resources: sites.list.map((site) => ({ name: site.name, graphs: [verdicts(site), phases(site)] })),
    },
  };
}

/** One for each part of the list: a part that is not checked would not be missed among the others. */
function silences(sites: Pick<Sites, "list" | "perInvocation">): WatchAlarm[] {
  const parts = partsOf(sites);
  if (parts === 1) return [silent(NAME, own(NAME, "SitesChecked", "SampleCount"))];
  return Array.from({ length: parts }, (_, index) => {
    const part = partName({ number: index + 1, of: parts });
    return silent(NAME, own(NAME, "SitesChecked", "SampleCount", { Part: part }), part);
  });
}

function verdicts({ name }: Site): Graph {
  const ofSite = { Site: name };
  return {
    title: `${name}: up, and for how long its certificate is good`,
    left: { label: "up", min: 0, max: 1 },
    right: { label: "days", min: 0 },
    lines: [
      { metric: own(NAME, "Up", "Average", ofSite), label: "up", color: COLOURS.capacity },
      {
        metric: own(NAME, "CertificateDays", "Average", ofSite),
        label: "days of the certificate",
        axis: "right",
      },
    ],
  };
}

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
        metric: own(NAME, metric, "Average", ofSite),
        label: phase,
      })),
      { metric: own(NAME, "Duration", "Maximum", ofSite), label: "slowest", axis: "right" },
    ],
  };
}
