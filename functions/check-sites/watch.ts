import { functionAlarms, silent } from "../../shared/watch/function-alarms.ts";
import { own } from "../../shared/watch/metric.ts";
import { COLOURS, type Graph } from "../../shared/watch/section.ts";
import type { Place, Watched } from "../../shared/watch/watched.ts";
import { PHASE_METRICS } from "./publish.ts";
import type { Site, Sites } from "./site.ts";

const NAME = "check-sites";

export function watch({ list }: Pick<Sites, "list">, place: Place): Watched {
  return {
    functions: [NAME],
    alarms: [
      ...functionAlarms(NAME, place),
      // There in every run that came to its end, also with nothing to check.
      silent(NAME, own(NAME, "SitesChecked", "SampleCount")),
    ],
    section: {
      title: "Sites",
      resources: list.map((site) => ({ name: site.name, graphs: [verdicts(site), phases(site)] })),
    },
  };
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
