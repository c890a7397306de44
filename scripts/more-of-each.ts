import { sites } from "../functions/check-sites/config/site.ts";
import { ingestSchema } from "../functions/ingest-events/config/policy.ts";
import { streamPolicies } from "../functions/reshard-streams/config/policy.ts";
import { nodePools } from "../shared/node-pools/policy.ts";
import { type Billed, bill } from "./bill.ts";
import { sumOf } from "./cost-line.ts";

const NOTHING: Billed = {
  streams: streamPolicies.parse({}),
  sites: sites.parse({}),
  nodePools: nodePools.parse({}),
  ingest: ingestSchema.parse({}),
};

const landed = (count: number) => ({
  tables: { table: { partitionKey: "id" } },
  streams: Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`s${at}`, { table: "table", mode: "append", id: "id" }]),
  ),
});

/** The same service with one and with two of something, by their default policies. */
const EACH: readonly { readonly what: string; readonly with: (count: 1 | 2) => Partial<Billed> }[] = [
  {
    what: "a stream that is named",
    with: (count) => ({ streams: streamPolicies.parse(named(count, () => ({ max: 10 }))) }),
  },
  {
    what: "a site with TLS",
    with: (count) => ({ sites: sites.parse({ list: named(count, () => ({ url: "https://example.com" })) }) }),
  },
  {
    what: "a node pool",
    with: (count) => ({
      nodePools: nodePools.parse(named(count, (at) => ({ cluster: "main", autoScalingGroups: [`g${at}`] }))),
    }),
  },
  { what: "a landed stream", with: (count) => ({ ingest: ingestSchema.parse(landed(count)) }) },
];

function named(count: number, one: (at: number) => object): Record<string, object> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`r${at}`, one(at)]));
}

/** USD a month of the service that looks after nothing. */
export const emptyServiceCost = (): number => total(NOTHING);

/** What one more of each adds to a month at rest, its alarms included. */
export function moreOfEach(): { readonly what: string; readonly usd: number }[] {
  return EACH.map(({ what, with: sectionsWith }) => ({
    what,
    usd: total({ ...NOTHING, ...sectionsWith(2) }) - total({ ...NOTHING, ...sectionsWith(1) }),
  }));
}

const total = (sections: Billed): number => sumOf(bill(sections).flatMap(({ lines }) => lines));
