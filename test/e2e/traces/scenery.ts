import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateStreamCommand, KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { inject } from "vitest";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import { NO_METRIC_DELAY } from "../../../sandbox/cloudwatch/metrics/publication.ts";
import { clientFor } from "../../../sandbox/demos/client.ts";
import type { EksCluster } from "../../../sandbox/eks/clusters.ts";
import { createWorkers } from "../../../sandbox/fixtures/workers.ts";
import type { Invocation } from "../../../sandbox/lambda/function.ts";
import { answer, byPath } from "../../../sandbox/sites/behaviours.ts";
import { startSite } from "../../../sandbox/sites/site.ts";
import { TEMPLATE_FILE } from "../../../sandbox/template/template.ts";
import type { Trace } from "../../../sandbox/xray/traces.ts";
import { withOthersAsleep } from "../setup/asleep.ts";
import { writeConfig } from "../setup/config-file.ts";
import { isWhole } from "./whole.ts";

const MINUTE = 60_000;
/** Within a minute, so that what is put is in a minute that has begun. */
const START = Date.parse("2026-11-21T12:00:30Z");
const ZONES = ["us-east-1a", "us-east-1b"];

export const FUNCTIONS = [
  "reshard-streams",
  "check-sites",
  "ingest-events",
  "scale-node-pools",
  "drain-nodes",
  "termination-policy",
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

const POLICY = {
  max: 2,
  shardCapacity: { recordsPerSecond: 0.15 },
  scaleOutAt: 0.85,
  scaleInCooldownMinutes: 1440,
};

/** JSON is YAML too. */
const configFor = (site: string): string =>
  JSON.stringify({
    mode: "act",
    // A stream that is named has an alarm, so each sweep asks for alarms.
    streams: { sample: POLICY, "*": POLICY },
    ingest: {
      tables: { "reflex-dev-events": { partitionKey: "id" } },
      streams: {
        events: { table: "reflex-dev-events", mode: "append-once", id: "id", producerTrace: "traceparent" },
      },
    },
    sites: {
      allow: ["127.0.0.0/8"],
      defaults: { downAfter: 1 },
      list: {
        shop: { url: `${site}/shop`, auth: { bearer: { ssm: "/shop/token" } } },
        teapot: { url: `${site}/teapot`, conditions: ["status == 418"] },
        down: { url: `${site}/down`, auth: { bearer: { secret: "down", key: "token" } } },
      },
      statusPage: { title: "Example status" },
    },
    nodePools: {
      workers: {
        cluster: "main",
        autoScalingGroups: ZONES.map((zone) => `workers-${zone.at(-1)}`),
        max: 6,
        scaleInAfter: "1m",
        scaleInDelay: "1m",
      },
    },
  });

/** An account in which every function has something to do, and only when it is woken here. */
export interface Scenery {
  readonly account: Account;
  readonly main: EksCluster;
  /** The file of its config. */
  readonly config: string;
  /** Where its sites are. */
  readonly siteUrl: string;
  /** Wakes a function; the trace of its run once it is whole, with the runs that came of it. */
  wake(name: FunctionName, event: unknown): Promise<Woken>;
  minutes(count: number): Promise<void>;
  createStream(name: string): Promise<void>;
  put(stream: string, records: number): Promise<void>;
  stop(): Promise<void>;
}

export interface Woken {
  readonly run: Invocation;
  readonly traceId: string;
  readonly trace: Trace;
}

export async function startScenery(): Promise<Scenery> {
  const dir = mkdtempSync(join(tmpdir(), "reflex-traces-"));
  cpSync(inject("packageDir"), dir, { recursive: true });
  const template = join(dir, TEMPLATE_FILE);
  writeFileSync(template, withOthersAsleep(readFileSync(template, "utf8")));
  const site = await startSite({
    behaviour: byPath({
      "/shop": answer(),
      "/teapot": answer({ status: 418 }),
      "/down": answer({ status: 500 }),
    }),
  });
  const config = join(dir, "config.yml");
  writeConfig(config, configFor(site.url));
  const account = await startAccount({
    // How late metrics come is not what these traces are about.
    metricDelay: NO_METRIC_DELAY,
    packageDir: dir,
    speed: 0,
    start: START,
    environment: Object.fromEntries(FUNCTIONS.map((name) => [arnless(name), { REFLEX_CONFIG: config }])),
    log: (line) => console.error(line),
  });
  account.ssm.put("/shop/token", "a token");
  account.secretsManager.put("down", JSON.stringify({ token: "a token" }));
  const main = await account.eks.clusters.create("main");
  createWorkers(account, ZONES, { max: 4, desired: 1 });
  await account.clock.advance(MINUTE);
  const kinesis = new KinesisClient(clientFor(account));

  return {
    account,
    main,
    config,
    siteUrl: site.url,
    minutes: (count) => account.clock.advance(count * MINUTE),
    async wake(name, event) {
      const before = account.lambda.invocations(arnless(name)).length;
      await account.lambda.send(arnless(name), event);
      await account.clock.advance(0);
      const run = account.lambda.invocations(arnless(name))[before];
      if (!run) throw new Error(`${name} did not run`);
      const traceId = /Root=([^;]+)/.exec(run.traceHeader)?.[1] ?? "";
      const trace = await account.xray.waitFor(traceId, (found) =>
        isWhole(found, account.lambda.invocations()),
      );
      return { run, traceId, trace };
    },
    async createStream(StreamName) {
      await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    },
    async put(StreamName, records) {
      const Records = Array.from({ length: records }, (_, key) => ({
        PartitionKey: String(key),
        Data: Buffer.from(JSON.stringify({ id: `${StreamName}-${key}` })),
      }));
      await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    },
    async stop() {
      kinesis.destroy();
      await site.stop();
      await account.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The function's name in stage dev. */
function arnless(name: FunctionName): string {
  return `reflex-dev-${name}`;
}
