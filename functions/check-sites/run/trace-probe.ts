import { inRemoteCall } from "../../../shared/tracing/remote-call.ts";
import { shownEndpoint } from "../config/endpoint.ts";
import type { Site } from "../config/site.ts";
import { worst } from "../evaluate/evaluate.ts";
import { cut } from "../probe/net/probe-error.ts";
import type { AnyTarget } from "../probe/probe.ts";
import type { AddressResults } from "./check-site.ts";
import type { TraceBudget } from "./trace-budget.ts";

/** An address or a text is cut to this in each probe; its metadata has all of it, as far as the trace has room. */
const MAX_SHOWN = 100;

/** Runs one probe of a site, and shows it in the trace. */
export type TraceProbe = (
  site: Site,
  target: AnyTarget,
  body: () => Promise<AddressResults>,
) => Promise<AddressResults>;

/**
 * Each probe is a subsegment of its own, beside the others, named after the host, as far as the trace has room. It
 * failed only where the site is not said to answer: a status that the conditions ask for is no fault for X-Ray,
 * whatever it is.
 */
export function createTraceProbe(budget: TraceBudget, failedLast: (site: Site) => boolean): TraceProbe {
  return (site, target, body) => {
    if (!budget.takeProbe(failedLast(site) ? "failed" : "well")) return body();
    return inRemoteCall(hostOf(site), { site: site.name }, body, (evaluated) => {
      const { result, evaluation } = worst(evaluated);
      const { verdict, findings } = evaluation;
      const [deciding] = findings;
      const metadata = { phases: result.phases, hops: result.hops, findings };
      return {
        url: cut(shownEndpoint(site.endpoint), MAX_SHOWN),
        method: target.kind === "http" ? target.method : target.kind.toUpperCase(),
        ...(result.status !== undefined && { status: result.status }),
        ...(result.bytesRead !== undefined && { contentLength: result.bytesRead }),
        ...(deciding &&
          (verdict === "DOWN" || verdict === "UNKNOWN") && {
            failed: cut(deciding.text, MAX_SHOWN),
          }),
        annotations: {
          verdict,
          timeMs: result.time,
          ...(verdict === "DOWN" && { down: site.name }),
          ...(deciding && { reason: deciding.reason }),
        },
        ...(budget.takeMetadata(metadata) && { metadata }),
      };
    });
  };
}

function hostOf({ endpoint }: Site): string {
  if (endpoint.kind === "http") return endpoint.url.hostname;
  return endpoint.kind === "tcp" ? endpoint.host : endpoint.name;
}
