import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { deployment } from "../../sandbox/fixtures/seeds.ts";
import { createWorkers } from "../../sandbox/fixtures/workers.ts";

const MINUTE = 60_000;
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const FUNCTIONS = ["reshard-streams", "check-sites", "ingest-events", "scale-node-pools", "drain-nodes"];

/** A config with one stream that is named and landed, one site and one node pool. */
export const oneOfEach = (site: string) => ({
  mode: "act",
  streams: { events: { max: 4 } },
  ingest: {
    tables: { "reflex-dev-events": { partitionKey: "id" } },
    streams: { events: { table: "reflex-dev-events", mode: "append-once", id: "id" } },
  },
  sites: { allow: ["127.0.0.0/8"], list: { shop: { url: site } } },
  nodePools: {
    workers: { cluster: "main", autoScalingGroups: ["workers-a", "workers-b", "workers-c"], max: 12 },
  },
});

/** The packaged service with one of each to look after, of which none needs anything: the site is up, the pool's nodes are in use. */
export async function startOneOfEach(packageDir: string): Promise<Account> {
  const server = createServer((_request, answer) => answer.end("up")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), "reflex-one-of-each-"));
  const REFLEX_CONFIG = join(folder, "config.yml");
  writeFileSync(REFLEX_CONFIG, JSON.stringify(oneOfEach(`http://127.0.0.1:${port}/`)));
  const account = await startAccount({
    packageDir,
    speed: 0,
    // Calls that are sent together are then seen together.
    latencyMs: 5,
    start: Date.parse("2026-11-21T12:00:30Z"),
    environment: Object.fromEntries(FUNCTIONS.map((name) => [`reflex-dev-${name}`, { REFLEX_CONFIG }])),
    log: (line) => console.error(line),
  });
  const main = await account.eks.clusters.create("main");
  createWorkers(account, ZONES, { min: 1, max: 6, desired: 1 });
  await account.clock.advance(MINUTE);
  // Too large for two on a node.
  main.cluster.create(deployment("web", 3, { milliCpu: 1200 }));
  return {
    ...account,
    stop: async () => {
      await account.stop();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
