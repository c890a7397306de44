import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { inject } from "vitest";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import { clientFor } from "../../../sandbox/demos/client.ts";
import { budget, deployment } from "../../../sandbox/fixtures/seeds.ts";
import { createWorkers } from "../../../sandbox/fixtures/workers.ts";
import { asNode } from "../../../sandbox/kubernetes/parsed.ts";
import { answer } from "../../../sandbox/sites/behaviours.ts";
import { startNameServer } from "../../../sandbox/sites/name-server.ts";
import { startSite } from "../../../sandbox/sites/site.ts";
import { TEMPLATE_FILE } from "../../../sandbox/template/template.ts";
import { monitoringOf } from "../../../scripts/stack/monitoring.ts";
import { alarmResource } from "../../../shared/monitoring/alarm.ts";
import { separate } from "../../../shared/notify/message.ts";
import { notification } from "../../../shared/notify/notification.ts";
import { configWith, INFO } from "../../scripts/watched.ts";
import { writeConfig } from "../setup/config-file.ts";
import { openShell, type Shell } from "../traces/on-call/docs-shell.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-11-21T12:00:30Z");
export const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];

/** What one person heard: `page slo-freshness`, `ticket not-served stream/orders`, `notification site/shop: …`. */
export interface Message {
  readonly who: "page" | "ticket" | "notification";
  readonly what: string;
  /** ms since the epoch. */
  readonly at: number;
  /** The trace that a notification links to. */
  readonly traceId?: string | undefined;
}

/** An account with a stream, a landed stream, a site and a node pool, all well, and every automation awake. */
export interface IncidentsWorld {
  readonly account: Account;
  /** A person's bash, as the commands of the docs are run in it. */
  readonly shell: Shell;
  now(): number;
  /** A minute goes by, in which every stream gets its records. */
  minutes(count: number): Promise<void>;
  /** Since the start, in order. What is over is left out. */
  heard(): readonly Message[];
  readonly names: { fails: boolean };
  /** Records a minute by stream. */
  readonly traffic: Map<string, number>;
  /** Creates so many pods that no node has room for. */
  addPods(name: string, count: number): void;
  removePods(name: string): void;
  /** The function's role loses a permission until `remove`. */
  deny(functionName: string, Action: string, Resource: string): Promise<{ remove(): void }>;
  /** A node of the pool with a pod that may not be disrupted, as an order to drain names it. */
  node(): { readonly node: string; readonly instanceId: string };
  stop(): Promise<void>;
}

const FUNCTIONS = ["reshard-streams", "check-sites", "scale-node-pools", "drain-nodes", "ingest-events"];

const STREAM = { shardCapacity: { recordsPerSecond: 0.15 }, scanIntervalMinutes: 1 };

export async function startIncidentsWorld(): Promise<IncidentsWorld> {
  const folder = mkdtempSync(join(tmpdir(), "reflex-incidents-"));
  cpSync(inject("packageDir"), folder, { recursive: true });
  const site = await startSite({ behaviour: answer() });
  const shop = { A: ["127.0.0.1"], fails: false };
  const nameServer = await startNameServer({ "shop.test": shop, "canary.test": shop });
  const sections = {
    mode: "act",
    streams: {
      orders: { max: 4, ...STREAM },
      clicks: { max: 1, ...STREAM },
      payments: { max: 4, ...STREAM },
    },
    ingest: {
      tables: { "reflex-dev-events": { partitionKey: "id" } },
      streams: { events: { table: "reflex-dev-events", mode: "append-once", id: "id" } },
    },
    sites: {
      allow: ["127.0.0.0/8"],
      resolvers: [nameServer.address],
      canary: `http://canary.test:${new URL(site.url).port}`,
      list: { shop: { url: `http://shop.test:${new URL(site.url).port}/` } },
    },
    nodePools: {
      workers: {
        cluster: "main",
        autoScalingGroups: ["workers-a", "workers-b", "workers-c"],
        max: 9,
        drain: { softDeadline: "2m", hardDeadline: "3m" },
      },
    },
  };
  const template = JSON.parse(readFileSync(join(folder, TEMPLATE_FILE), "utf8"));
  // The alarms on the pool, which the packaged config does not name.
  for (const alarm of monitoringOf(configWith(sections).automations, { ...INFO, stage: "dev" }).alarms) {
    const [id, { Metadata: _, ...resource }] = alarmResource(alarm, "dev");
    if (alarm.name.endsWith("-workers")) template.Resources[id] = resource;
  }
  writeFileSync(join(folder, TEMPLATE_FILE), JSON.stringify(template));
  const config = join(folder, "config.yml");
  writeConfig(config, JSON.stringify(sections));
  const account = await startAccount({
    packageDir: folder,
    streams: ["orders", "clicks", "payments"],
    environment: Object.fromEntries(
      // The SDK would wait for real before each further attempt; that it does is proven elsewhere.
      FUNCTIONS.map((each) => [`reflex-dev-${each}`, { REFLEX_CONFIG: config, AWS_MAX_ATTEMPTS: "1" }]),
    ),
    speed: 0,
    start: START,
    log: (line) => console.error(line),
  });
  const main = await account.eks.clusters.create("main");
  createWorkers(account, ZONES, { min: 0, max: 3, desired: 1 });
  await account.clock.advance(MINUTE);
  main.cluster.create(deployment("web", 3, { milliCpu: 400 }), budget("web", 3));
  const kinesis = new KinesisClient(clientFor(account));
  const { clock } = account;
  const putRecords = async (StreamName: string, records: number) => {
    const Records = Array.from({ length: records }, (_, at) => ({
      PartitionKey: String(at),
      Data: Buffer.from(JSON.stringify({ id: `${clock.now()}-${at}` })),
    }));
    await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  };
  const traffic = new Map([
    ["events", 3],
    ["orders", 3],
  ]);
  const shell = await openShell({ account, cluster: main, config });
  return {
    ...{ account, shell },
    traffic,
    now: () => clock.now(),
    async minutes(count) {
      for (let minute = 0; minute < count; minute++) {
        for (const [stream, records] of traffic) await putRecords(stream, records);
        await clock.advance(MINUTE);
      }
    },
    heard: () => heardIn(account),
    names: shop,
    addPods: (name, count) => main.cluster.create(deployment(name, count, { milliCpu: 1500 })),
    node: () => {
      const [first] = main.cluster.state.store.list("nodes").map(asNode);
      if (!first?.machine) throw new Error("the pool has no node");
      return { node: first.name, instanceId: first.machine.instanceId };
    },
    async deny(functionName, Action, Resource) {
      const configured = account.lambda.configurations().find(({ name }) => name === functionName);
      const Roles = [configured?.role?.split("/").at(-1)];
      const PolicyDocument = { Statement: [{ Effect: "Deny", Action, Resource }] };
      const policy = await account.iam.resources["AWS::IAM::Policy"]?.("Denied", { Roles, PolicyDocument });
      return { remove: () => void policy?.remove?.() };
    },
    removePods: (name) => void main.cluster.state.store.remove("deployments", "default", name),
    async stop() {
      shell.stop();
      kinesis.destroy();
      await account.stop();
      await Promise.all([site.stop(), nameServer.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function heardIn({ sns }: Account): Message[] {
  return sns.published().flatMap(({ topicArn, at, message, byProtocol }): Message[] => {
    if (topicArn.endsWith("-notify"))
      return byProtocol?.default
        ? separate(notification.parse(JSON.parse(byProtocol.default))).map(
            ({ resource, headline, traceId }) => ({
              who: "notification",
              what: `${resource}: ${headline}`,
              ...{ at, traceId },
            }),
          )
        : [];
    const who = topicArn.endsWith("-watch") ? "page" : "ticket";
    const said: unknown = JSON.parse(message);
    if (typeof said === "string") return [];
    const { AlarmName, AlarmContributorAttributes: of } = Object(said);
    const name = String(AlarmName).replace("reflex-dev-watch-", "");
    return [{ who, what: of ? `${name} ${of.Resource}` : name, at }];
  });
}
