import { join } from "node:path";
import { shardsPerMonth } from "../functions/reshard-streams/decide/measure/cost.ts";
import type { Sections } from "./checked-config.ts";
import type { CostLine } from "./cost-line.ts";
import { functionLimits } from "./function-limits.ts";
import { ingestCost } from "./ingest-cost.ts";
import { monitoringOf } from "./monitoring.ts";
import { watchCost } from "./monitoring-cost.ts";
import { nodePoolsCost } from "./node-pools-cost.ts";
import { sitesCost } from "./sites-cost.ts";
import { streamsCost } from "./streams-cost.ts";

const LIMITS = functionLimits(join(import.meta.dirname, ".."));

export type Billed = Pick<Sections, "streams" | "sites" | "nodePools" | "ingest">;

/** A part of the service with its lines. */
export interface Part {
  readonly name: string;
  readonly lines: readonly CostLine[];
}

/** A month of the whole service at rest: it watches, and there is nothing to do. */
export function bill(sections: Billed): Part[] {
  const { streams, sites, nodePools, ingest } = sections;
  const shards = Object.values(streams).reduce((sum, { create }) => sum + (create?.shards ?? 0), 0);
  return [
    { name: "reshard-streams", lines: streamsCost(streams) },
    { name: "check-sites", lines: sitesCost(sites) },
    { name: "scale-node-pools, drain-nodes", lines: nodePoolsCost(nodePools) },
    { name: "ingest-events", lines: ingestCost(ingest) },
    { name: "watching Reflex itself", lines: watchCost(monitoringOf(sections, "any", LIMITS)) },
    ...(shards > 0
      ? [
          {
            name: "streams that the config creates",
            lines: [{ what: "Kinesis: their first shards", usd: shardsPerMonth(shards) }],
          },
        ]
      : []),
  ];
}
