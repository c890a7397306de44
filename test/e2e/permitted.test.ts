import { readdirSync } from "node:fs";
import { join } from "node:path";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import type { EksCluster } from "../../sandbox/eks/clusters.ts";
import { deployment } from "../../sandbox/fixtures/seeds.ts";
import { createWorkers } from "../../sandbox/fixtures/workers.ts";
import { notPermitted } from "../../sandbox/iam/permissions.ts";
import { asNode } from "../../sandbox/kubernetes/parsed.ts";
import { findAutomations } from "../../scripts/automations.ts";
import { endpointsOf } from "../../scripts/docs/endpoints-table.ts";
import { STREAMS_BEFORE } from "./setup/everything.ts";
import { sampleEvent } from "./setup/test-rig.ts";
import { newestPlan } from "./traces/ledger-entries.ts";

const MINUTE = 60_000;
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const ROOT = join(import.meta.dirname, "..", "..");
const EVENTS = readdirSync(join(ROOT, "events")).toSorted();

let account: Account;
let main: EksCluster;

/** Everything there is to do: a stream to reshard, pods without a node, a node to empty, events to land. */
beforeAll(async () => {
  account = await startAccount({
    packageDir: inject("everythingDir"),
    streams: STREAMS_BEFORE,
    speed: 0,
    log: () => {},
  });
  main = await account.eks.clusters.create("main");
  createWorkers(account, ZONES, { max: 6, desired: 1 });
  await account.clock.advance(MINUTE);
  main.cluster.create(deployment("web", 20, { milliCpu: 400 }));

  const kinesis = new KinesisClient(clientFor(account));
  for (const StreamName of ["sample", "events"]) {
    const Records = Array.from({ length: 30 }, (_, n) => ({
      PartitionKey: String(n),
      Data: Buffer.from(JSON.stringify({ id: `${StreamName}-${n}`, s: n })),
    }));
    await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  }
  kinesis.destroy();
  await account.clock.advance(3 * MINUTE);

  const [node] = main.cluster.state.store.list("nodes").map(asNode);
  await account.lambda.invoke("reflex-dev-drain-nodes", {
    nodePool: "workers",
    drain: [{ node: node?.name, instanceId: node?.machine?.instanceId }],
    reason: "scale-in",
    plan: await newestPlan({ account }),
  });
  await account.clock.advance(3 * MINUTE);
});

afterAll(async () => {
  await account.stop();
});

const refused = () => notPermitted(account.calls.all(), account.lambda.configurations(), account.iam);

test("what there is to do is done by calls the roles allow", () => {
  const operations = new Set(account.calls.all().map(({ service, operation }) => `${service}:${operation}`));
  expect([...operations]).toEqual(
    expect.arrayContaining([
      "kinesis:UpdateShardCount",
      "autoscaling:SetDesiredCapacity",
      "autoscaling:TerminateInstanceInAutoScalingGroup",
      "dynamodb:BatchWriteItem",
      "dynamodb:PutItem",
      "sns:Publish",
      "ssm:GetParameters",
      "secretsmanager:GetSecretValue",
      "s3:PutObject",
    ]),
  );
  expect(refused()).toEqual([]);
});

test("what is called has an endpoint in docs/accounts.md", async () => {
  const byFunction = Map.groupBy(account.calls.all(), ({ functionName }) => functionName);
  const unnamed = (await findAutomations(ROOT)).flatMap((automation) => {
    const calls = automation.functions.flatMap((name) => byFunction.get(`reflex-dev-${name}`) ?? []);
    const named = new Set(["kubernetes", ...endpointsOf(automation)]);
    const services = calls.map(({ service }) => (service === "kinesis" ? "kinesis-streams" : service));
    return services
      .filter((service) => !named.has(service))
      .map((service) => `${automation.name}: ${service}`);
  });
  expect(unnamed).toEqual([]);
});

describe("a sample event is handled by calls the role allows", () => {
  test.each(EVENTS)("%s", async (file) => {
    const { calls, lambda } = account;
    const { name = "" } =
      lambda.configurations().find((one) => `reflex-dev-${file}`.startsWith(`${one.name}-`)) ?? {};
    calls.clear();
    await lambda.invoke(name, sampleEvent(file));
    expect(refused()).toEqual([]);
  });
});

test("a call that no role allows would be noticed", async () => {
  account.calls.clear();
  account.calls.add({
    service: "kinesis",
    operation: "DeleteStream",
    at: 0,
    startedMs: 0,
    functionName: "reflex-dev-reshard-streams",
    resources: ["arn:aws:kinesis:us-east-1:000000000000:stream/sample"],
  });
  expect(refused()).toEqual([
    "reflex-dev-reshard-streams: kinesis:DeleteStream on arn:aws:kinesis:us-east-1:000000000000:stream/sample",
  ]);
});
