import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import { MOST_RESOURCES } from "../../../sandbox/cloudformation/quotas.ts";
import { copyServiceWithoutBundles, type Ended, type ServiceCopy } from "../setup/service-copy.ts";

let account: Account;
let service: ServiceCopy;
let deployed: Ended;

const many = (count: number, one: (at: number) => readonly [string, object]) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => one(at)));

/** 1,000 streams, of which 100 are created and landed, 1,000 sites and 100 node pools. */
const LARGE = {
  mode: "act",
  streams: many(1000, (at) => [
    `orders-of-country-${at}`,
    { max: 4, ...(at < 100 && { create: { shards: 1 } }) },
  ]),
  sites: {
    list: many(1000, (at) => [
      `shop-${at}`,
      { url: "https://shop.example.com/", auth: { bearer: { ssm: `/sites/shop-${at}/token` } } },
    ]),
  },
  nodePools: many(100, (at) => [
    `pool-${at}`,
    {
      cluster: "main",
      autoScalingGroups: ["a", "b", "c"].map((zone) => `eksctl-main-pool-${at}-${zone}-1ABCDEF`),
    },
  ]),
  ingest: {
    tables: many(100, (at) => [`orders-${at}`, { partitionKey: "id" }]),
    streams: many(100, (at) => [
      `orders-of-country-${at}`,
      { table: `orders-${at}`, mode: "append", id: "id" },
    ]),
  },
};

beforeAll(async () => {
  account = await startAccount({ speed: 0, log: (line) => console.error(line) });
  service = copyServiceWithoutBundles(account.url);
  writeFileSync(join(service.dir, "config", "large.yml"), stringify(LARGE));
  deployed = await service.serverless("deploy", "--stage", "large");
});

afterAll(async () => {
  service.remove();
  await account.stop();
});

test("1,000 streams, 1,000 sites, 100 pools and 100 landed streams are deployed, with the quotas of AWS", () => {
  expect(deployed.output).toContain("Service deployed to stack reflex-large");
  expect(deployed.code).toBe(0);
});

test("it says which names are granted by their beginning", () => {
  expect(deployed.output).toMatch(/ReshardStreamsRole: too many names for IAM's quotas/);
});

test("every stream has its alarm, every landed stream its table and mapping, every pool its alarm", () => {
  const stacks = account.cloudformation.stacks.list();
  const ofType = (type: string) =>
    stacks.flatMap(({ resources }) => [...resources.values()].filter((resource) => resource.type === type))
      .length;
  const alarms = account.cloudwatch.alarms.list().map(({ configuration }) => configuration.AlarmName);
  expect(alarms.filter((name) => name.startsWith("reflex-large-stream-"))).toHaveLength(1000);
  expect(alarms.filter((name) => name.startsWith("reflex-large-watch-drain-nodes-stuck-"))).toHaveLength(100);
  expect(ofType("AWS::Lambda::EventSourceMapping")).toBe(100);
  // Those of the sites and the ledger too.
  expect(ofType("AWS::DynamoDB::Table")).toBe(102);
  for (const { resources } of stacks) expect(resources.size).toBeLessThanOrEqual(MOST_RESOURCES);
});
