import { type CostLine, costLine } from "../../../shared/cost/cost-line.ts";
import { sweepUnits } from "../../../shared/cost/lambda-cost.ts";
import { GB, MINUTES_A_MONTH } from "../../../shared/cost/prices.ts";
import type { StageInfo } from "../../../shared/monitoring/monitoring.ts";
import type { Endpoint } from "../config/endpoint.ts";
import type { Sites } from "../config/sites.ts";
import { partsOf } from "./schedules.ts";

/** Assumptions: a probe takes so long, and a run so long beside its probes. */
const PROBE_SECONDS = 0.3;
const BESIDE_SECONDS = 0.2;

/** Of a site: Up and Duration. */
const METRICS = 2;
/** With `phaseMetrics`: five phases, and CertificateDays where there is a certificate. */
const PHASE_METRICS = 5;
/** SitesChecked. */
const OWN_METRICS = 1;

/** Write units of a site's item with 90 days in it: between 1 and 2 KB (test/functions/check-sites/deploy/cost.test.ts). */
export const ITEM_WRITES = 2;

/** Bytes of a site's line of metrics, and of what a run logs beside them. */
const METRIC_LINE = 800;
const RUN_LINES = 1000;

/** What checking sites that are up costs a month. */
export function sitesCost(sites: Sites, info: StageInfo): CostLine[] {
  const { list, concurrency, statusPage, phaseMetrics, confirmFrom } = sites;
  const parts = partsOf(sites);
  const rounds = Math.ceil(list.length / parts / concurrency);
  const metrics =
    OWN_METRICS + list.reduce((sum, site) => sum + METRICS + (phaseMetrics ? phaseMetricsOf(site) : 0), 0);
  const logged = (MINUTES_A_MONTH * (METRIC_LINE * list.length + RUN_LINES * parts)) / GB;
  const checks = MINUTES_A_MONTH * list.length;
  return [
    costLine(
      "Lambda: a run a minute",
      sweepUnits(info, "check-sites", BESIDE_SECONDS + PROBE_SECONDS * rounds, parts),
    ),
    costLine(
      phaseMetrics ? "CloudWatch: metrics, eight a site with TLS" : "CloudWatch: metrics, two a site",
      { cloudwatchCustomMetric: metrics },
    ),
    costLine("CloudWatch: logs", { cloudwatchLogGb: logged }),
    costLine("DynamoDB: the sites' states", {
      // And the state of the monitor itself.
      dynamodbRead: checks + MINUTES_A_MONTH * parts,
      dynamodbWrite: checks * ITEM_WRITES,
    }),
    costLine("X-Ray: a trace a run, all of them sampled", { xrayTrace: MINUTES_A_MONTH * parts }),
    ...(confirmFrom.length > 0
      ? [costLine(`Lambda in ${confirmFrom.join(", ")}: only for new failures`, {})]
      : []),
    ...(statusPage
      ? [
          costLine(
            "S3: the status page: three files a minute, and two a quarter of an hour for each site (CloudFront bills its visitors)",
            { s3Put: MINUTES_A_MONTH * (3 + (2 * list.length) / 15) },
          ),
        ]
      : []),
  ];
}

const phaseMetricsOf = ({ endpoint }: { readonly endpoint: Endpoint }): number =>
  PHASE_METRICS + (hasCertificate(endpoint) ? 1 : 0);

function hasCertificate(endpoint: Endpoint): boolean {
  if (endpoint.kind === "http") return endpoint.url.protocol === "https:";
  return endpoint.kind === "tcp" && endpoint.tls !== undefined;
}
