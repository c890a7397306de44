/**
 * A second opinion on the sandbox: the same service is deployed by the same `serverless deploy` to moto and to the sandbox, the
 * same bundles are run against both, and what came of it is compared call by call.
 */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { CreateStreamCommand, DescribeStreamSummaryCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import { type Deployment, deploy, type Invoked } from "./deployment.ts";
import { type MotoServer, motoMissing, startMotoServer } from "./moto-server.ts";

const EVENTS = join(import.meta.dirname, "..", "..", "events");
const sample = (name: string): unknown => JSON.parse(readFileSync(join(EVENTS, name), "utf8"));

const config = (shopPort: number) => `
mode: act
streams:
  # The stack makes it with one shard; another tool may have changed the bounds meanwhile.
  orders: { min: 2, max: 4 }
  quiet: { create: { shards: 1 }, max: 2 }
  events: { create: { shards: 1 }, max: 4 }
ingest:
  tables:
    reflex-dev-events: { partitionKey: id }
  streams:
    events: { table: reflex-dev-events, mode: append, id: id }
sites:
  allow: [127.0.0.1/32]
  list:
    shop: { url: "http://127.0.0.1:${shopPort}/health" }
`;

let account: Account;
let moto: MotoServer;
let shop: Server;
let shopStatus = 200;
let onMoto: Deployment;
let onSandbox: Deployment;

describe.skipIf(motoMissing)(`beside moto${motoMissing ? ` (${motoMissing})` : ""}`, () => {
  beforeAll(async () => {
    shop = createServer((_, response) => response.writeHead(shopStatus).end("")).listen(0, "127.0.0.1");
    await once(shop, "listening");
    const written = config((shop.address() as AddressInfo).port);
    [moto, account] = await Promise.all([
      startMotoServer(),
      startAccount({ speed: 1, log: (line) => console.error(line) }),
    ]);
    const deployed = async (port: number) => {
      // A stream that is there before Reflex.
      const kinesis = new KinesisClient(clientFor({ url: `http://127.0.0.1:${port}` }));
      await kinesis.send(new CreateStreamCommand({ StreamName: "orders", ShardCount: 1 }));
      kinesis.destroy();
      return deploy(port, written);
    };
    onMoto = await deployed(moto.port);
    onSandbox = await deployed(Number(new URL(account.url).port));
  });

  afterAll(async () => {
    await Promise.all([onMoto?.stop(), onSandbox?.stop()]);
    await Promise.all([moto?.stop(), account?.stop()]);
    shop?.close();
  });

  /** The same on both, one after the other. */
  async function onBoth<T>(of: (deployment: Deployment) => Promise<T>): Promise<{ moto: T; sandbox: T }> {
    return { moto: await of(onMoto), sandbox: await of(onSandbox) };
  }

  test("both take the deploy", () => {
    expect(onMoto.code, onMoto.output).toBe(0);
    expect(onSandbox.code, onSandbox.output).toBe(0);
  });

  test("both stacks have the same resources, as far as moto names them", async () => {
    const { moto: there, sandbox: here } = await onBoth((deployment) => deployment.resources());
    // What moto's CloudFormation does not know (alarms, policies) it passes over, and lists without type and name.
    const named = there.filter((resource) => resource.trim() !== "");
    const types = new Set(named.map(typeOf));
    expect(named).toEqual(here.filter((resource) => types.has(typeOf(resource))));
    expect(named).toContain("AWS::Lambda::Function ReshardDashstreamsLambdaFunction");
  });

  test("a stream below its min gets its shards by the same calls", async () => {
    const { moto: there, sandbox: here } = await onBoth(async (deployment) => ({
      invoked: await deployment.invoke("reflex-dev-reshard-streams", { stream: "orders" }),
      shards: await openShards(deployment, "orders"),
      ledger: timeless(await itemsIn(deployment, "reflex-dev-ledger")),
    }));
    expect(there).toEqual(here);
    expect(here.invoked.calls).toContain("kinesis:UpdateShardCount ok");
    expect(here.shards).toBe(2);
  });

  test("a quiet stream is left as it is", async () => {
    const { moto: there, sandbox: here } = await onBoth((deployment) =>
      deployment.invoke("reflex-dev-reshard-streams", { stream: "quiet" }),
    );
    expect(there).toEqual(here);
    expect(here.calls).toContain("kinesis:DescribeStreamSummary ok");
  });

  // Conditional modes write by BatchExecuteStatement with parameters, which moto's PartiQL parser does not take.
  test("events are landed, and once where they are delivered twice", async () => {
    const batch = sample("ingest-events-plain.json");
    const { moto: there, sandbox: here } = await onBoth(async (deployment) => ({
      first: await deployment.invoke("reflex-dev-ingest-events", batch),
      second: await deployment.invoke("reflex-dev-ingest-events", batch),
      items: await itemsIn(deployment, "reflex-dev-events"),
    }));
    expect(there).toEqual(here);
    expect(here.items).not.toEqual([]);
  });

  test("what can never be stored goes to the quarantine, the rest into the table", async () => {
    const batch = sample("ingest-events-poison.json");
    const { moto: there, sandbox: here } = await onBoth(async (deployment) => ({
      invoked: await deployment.invoke("reflex-dev-ingest-events", batch),
      waiting: await bodiesIn(deployment, "reflex-dev-quarantine"),
    }));
    expect(there).toEqual(here);
    expect(here.waiting).not.toEqual([]);
  });

  test("a site that fails is DOWN, and people are notified", async () => {
    const { moto: there, sandbox: here } = await onBoth(async (deployment) => {
      const runs: Invoked[] = [];
      for (const status of [200, 500, 500, 500]) {
        shopStatus = status;
        runs.push(await deployment.invoke("reflex-dev-check-sites", { site: "shop" }));
      }
      return runs.map(({ calls, result }) => ({ calls, result }));
    });
    expect(there).toEqual(here);
    expect(here.flatMap(({ calls }) => calls)).toContain("sns:Publish ok");
  });
});

async function openShards({ client }: Deployment, StreamName: string): Promise<number | undefined> {
  const kinesis = new KinesisClient(client);
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  kinesis.destroy();
  return StreamDescriptionSummary?.OpenShardCount;
}

async function itemsIn({ client }: Deployment, TableName: string): Promise<unknown[]> {
  const dynamodb = new DynamoDBClient(client);
  const items: unknown[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName })) items.push(...Items);
  dynamodb.destroy();
  return items.toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
}

const typeOf = (resource: string): string => resource.split(" ", 1)[0] ?? "";

/** The items without what differs from run to run: times, and ids made at random. */
function timeless(items: readonly unknown[]): unknown {
  return JSON.parse(
    JSON.stringify(items)
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
      .replace(/\b1[78]\d{11}\b/g, "0")
      .replace(/\b1[78]\d{8}\b/g, "0"),
  );
}

async function bodiesIn({ client }: Deployment, QueueName: string): Promise<unknown[]> {
  const sqs = new SQSClient(client);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  sqs.destroy();
  return Messages.map(({ Body = "" }) => Body)
    .toSorted()
    .map((body) => JSON.parse(body));
}
