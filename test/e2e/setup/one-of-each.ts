import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { inject } from "vitest";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import { clientFor } from "../../../sandbox/demos/client.ts";
import { deployment } from "../../../sandbox/fixtures/seeds.ts";
import type { Units } from "../../../shared/cost/cost-line.ts";
import { GB } from "../../../shared/cost/prices.ts";
import { createWorkers } from "./workers.ts";

const MINUTE = 60_000;
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const FUNCTIONS = ["reshard-streams", "check-sites", "ingest-events", "scale-node-pools", "drain-nodes"];

/** As often as the rarest of what a quiet service does. */
export const COUNTED_MINUTES = 10;

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
export async function startOneOfEach(): Promise<Account> {
  const server = createServer((_request, answer) => answer.end("up")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), "reflex-one-of-each-"));
  const REFLEX_CONFIG = join(folder, "config.yml");
  writeFileSync(REFLEX_CONFIG, JSON.stringify(oneOfEach(`http://127.0.0.1:${port}/`)));
  const account = await startAccount({
    packageDir: inject("packageDir"),
    speed: 0,
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

/**
 * Lets so many minutes go by, with one event to land, and counts what is billed in them at rest: what landing the event itself
 * takes is billed by events, but for its metrics.
 */
export async function unitsUsedIn(account: Account, minutes: number): Promise<Units> {
  const { calls, clock, cloudwatch, dynamodb, lambda, xray } = account;
  const [from, before, requested] = [clock.now(), dynamodb.requestUnits(), cloudwatch.metricsRequested()];
  const tracesBefore = xray.traces().length;
  const kinesis = new KinesisClient(clientFor(account));
  const event = Buffer.from('{"id":"1"}');
  await kinesis.send(new PutRecordCommand({ StreamName: "events", PartitionKey: "1", Data: event }));
  kinesis.destroy();
  await clock.advance(minutes * MINUTE);
  const after = dynamodb.requestUnits();
  const all = lambda.invocations().filter(({ at }) => at > from);
  const runs = all.filter(({ functionName }) => functionName !== "reflex-dev-ingest-events");
  const bytes = runs.flatMap(({ log }) => log).reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  return {
    lambdaRequest: runs.length,
    xrayTrace: xray.traces().length - tracesBefore - (all.length - runs.length),
    cloudwatchApiRequest: calls.where({ operation: "DescribeAlarms" }).filter(({ at }) => at > from).length,
    cloudwatchMetricRequested: cloudwatch.metricsRequested() - requested,
    cloudwatchLogGb: bytes / GB,
    cloudwatchCustomMetric: cloudwatch.metrics
      .list()
      .filter((metric) => metric.namespace === "Reflex" && !cloudwatch.metrics.isSilentSince(metric, from))
      .length,
    dynamodbRead: after.read - before.read,
    dynamodbWrite: after.write - before.write,
  };
}
