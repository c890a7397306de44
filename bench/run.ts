/** `npm run bench [-- name …]`: every bench, or the named ones, one after the other. */

import { billed } from "./bill/bill.ts";
import { coldStart } from "./cold-start/cold-start.ts";
import { decisions } from "./decisions.ts";
import { ingest } from "./ingest/ingest.ts";
import { ingestSimulation } from "./ingest/simulation.ts";
import { closedLoop } from "./node-pools/closed-loop.ts";
import { clusterLook } from "./node-pools/look.ts";
import { nodePoolDecisions } from "./node-pools/node-pools.ts";
import { outboxUnderCrashes } from "./notify/outbox.ts";
import { reshardPolicy } from "./reshard-policy/reshard-policy.ts";
import { reshardScale } from "./reshard-scale/reshard-scale.ts";
import { sites } from "./sites/sites.ts";
import { sweep } from "./sweep.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  bill: billed,
  "closed-loop": closedLoop,
  "cold-start": coldStart,
  decisions,
  ingest,
  "ingest-simulation": ingestSimulation,
  sites,
  "node-pools": nodePoolDecisions,
  "cluster-look": clusterLook,
  outbox: outboxUnderCrashes,
  "reshard-policy": reshardPolicy,
  "reshard-scale": reshardScale,
  sweep,
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(", ")}; there are ${Object.keys(BENCHES).join(", ")}`);
  process.exitCode = 2;
} else {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (named.length === 0 || named.includes(name)) await bench();
  }
}
