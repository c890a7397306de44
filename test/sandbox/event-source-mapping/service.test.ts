import { KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingestSchema } from "../../../functions/ingest-events/config/policy.ts";
import { readKinesisEvent } from "../../../functions/ingest-events/decode/kinesis-event.ts";
import { resourcesFor } from "../../../functions/ingest-events/deploy/resources.ts";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import { Calls } from "../../../sandbox/endpoint/calls.ts";
import { type Endpoint, startEndpoint } from "../../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../../sandbox/endpoint/faults.ts";
import { createEventSourceMappings } from "../../../sandbox/event-source-mapping/service.ts";
import { createIam } from "../../../sandbox/iam/iam.ts";
import { type Kinesis, startKinesis } from "../../../sandbox/kinesis/service.ts";
import type { CreatedResource, Properties, Service } from "../../../sandbox/service.ts";
import { resolve } from "../../../sandbox/template/intrinsics.ts";

const START = Date.parse("2026-11-21T12:00:00Z");

let clock: SandboxClock;
let kinesis: Kinesis;
let mappings: Service;
let endpoint: Endpoint;
let client: KinesisClient;
const events: unknown[] = [];
const iam = createIam();

beforeAll(async () => {
  clock = createClock({ speed: 0, start: START });
  const faults = new Faults();
  const log = (line: string) => console.error(line);
  const metrics = { put: () => {} };
  kinesis = await startKinesis({ clock, metrics, faults, updatingMs: 0, log });
  endpoint = await startEndpoint({
    ...{ services: [kinesis], clock, faults, calls: new Calls(), callers: new Map(), port: 0, log },
  });
  mappings = createEventSourceMappings({
    clock,
    endpointUrl: () => endpoint.url,
    invoke: async (functionName, event) => {
      events.push(event);
      const result = { ok: true as const, payload: '{"batchItemFailures":[]}' };
      return {
        functionName,
        requestId: "r",
        attempt: 1,
        at: 0,
        durationMs: 0,
        log: [],
        traceHeader: "",
        result,
      };
    },
    roleOf: () => role.attributes?.Arn ?? "",
    roleAllows: (roleArn, action, resource) =>
      iam.allows(roleArn, { action, resources: resource === undefined ? undefined : [resource] }),
    kinesisTimes: kinesis.times,
    metrics,
    toQueue: () => {},
    queue: () => undefined,
    toBucket: () => {},
    deliveries: { toTopic: async () => {} },
    log,
  });
  client = new KinesisClient({
    endpoint: endpoint.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    requestHandler: new NodeHttpHandler(),
  });
});

afterAll(async () => {
  client.destroy();
  await mappings.stop?.();
  await endpoint.stop();
  await kinesis.stop?.();
  clock.stop();
});

let role: CreatedResource;
const created = new Map<string, CreatedResource>();

/** What the stack of such a config makes, of these types; what it refers to beside them is taken to be there. */
async function deploy(mapping: object): Promise<void> {
  const config = ingestSchema.parse({
    tables: { landed: { partitionKey: "id" } },
    streams: { clicks: { table: "landed", mode: "append", id: "id", mapping } },
  });
  const resources = resourcesFor(config, {}, { stage: "dev", observe: false });
  for (const id of [
    "QuarantineQueue",
    "FailedBatchesBucket",
    "QuarantineBucket",
    "IngestDasheventsLambdaFunction",
  ]) {
    created.set(id, { ref: id, attributes: { Arn: `arn:aws:x:us-east-1:000000000000:${id}` } });
  }
  const types = { ...iam.resources, ...kinesis.resources, ...mappings.resources };
  const scope = {
    ...{ template: { Resources: {} }, stackName: "reflex-dev", region: "us-east-1", created, parameters: {} },
  };
  for (const [id, { Type, Properties: given }] of Object.entries(resources)) {
    if (Type === "AWS::DynamoDB::Table") {
      created.set(id, {
        ref: id,
        attributes: { Arn: `arn:aws:dynamodb:us-east-1:000000000000:table/${id}` },
      });
    }
    if (Type !== "AWS::IAM::Role") continue;
    role = (await types[Type]?.(id, resolve(given, scope, id) as Properties)) ?? { ref: id };
  }
  for (const type of ["AWS::Kinesis::StreamConsumer", "AWS::Lambda::EventSourceMapping"]) {
    for (const [id, { Type, Properties: given }] of Object.entries(resources)) {
      if (Type !== type) continue;
      const one = await types[type]?.(id, resolve(given, scope, id) as Properties);
      if (one !== undefined) created.set(id, one);
    }
  }
}

const put = (event: object | string, PartitionKey = "k") =>
  client.send(
    new PutRecordCommand({
      StreamName: "clicks",
      PartitionKey,
      Data: Buffer.from(typeof event === "string" ? event : JSON.stringify(event)),
    }),
  );

const received = () =>
  events
    .flatMap((event) => readKinesisEvent(event)?.records ?? [])
    .map(({ kinesis: { data } }) => Buffer.from(data, "base64").toString());

describe("a stream that is read by a consumer of its own, from a time, through filters", () => {
  it("brings only what came after that time and matches, and goes on behind what does not", async () => {
    await kinesis.resources?.["AWS::Kinesis::Stream"]?.("Stream", { Name: "clicks", ShardCount: 1 });
    await put({ id: "too early", kind: "order" });
    await clock.advance(60_000);
    await put({ id: "a", kind: "order" });
    await put({ id: "b", kind: "click" });
    await put("no JSON");
    await deploy({
      startingPosition: { at: new Date(START + 30_000).toISOString() },
      enhancedFanOut: true,
      filterPatterns: [{ kind: ["order"] }, { kind: ["refund"] }],
      maximumBatchingWindowInSeconds: 0,
    });
    for (let second = 0; second < 3; second += 1) await clock.advance(1_000);
    expect(received()).toEqual(['{"id":"a","kind":"order"}']);
    await put({ id: "c", kind: "click" });
    await put({ id: "d", kind: "refund" });
    for (let second = 0; second < 3; second += 1) await clock.advance(1_000);
    expect(received()).toEqual(['{"id":"a","kind":"order"}', '{"id":"d","kind":"refund"}']);
    // Its records name the consumer, and the function knows the stream by it.
    expect(JSON.stringify(events)).toContain(":stream/clicks/consumer/reflex-dev:");
    expect(events.map((event) => readKinesisEvent(event)?.stream)).toEqual(["clicks", "clicks"]);
  });
});

describe("a mapping whose function's role", () => {
  const READ = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"];
  const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/payments";

  let made = 0;
  let consumer: CreatedResource | undefined;
  beforeAll(async () => {
    await kinesis.resources?.["AWS::Kinesis::Stream"]?.("Payments", { Name: "payments", ShardCount: 1 });
    consumer = await kinesis.resources?.["AWS::Kinesis::StreamConsumer"]?.("Consumer", {
      StreamARN: STREAM,
      ConsumerName: "reader",
    });
  });

  /** A mapping of the stream, or of its consumer, by a role that allows these actions on the stream. */
  async function mapping(
    actions: readonly string[],
    EventSourceArn = STREAM,
  ): Promise<CreatedResource | undefined> {
    const types = { ...iam.resources, ...mappings.resources };
    made += 1;
    const Action = actions.map((one) => `kinesis:${one}`);
    const Statement = [{ Effect: "Allow", Action, Resource: STREAM }];
    role = (await types["AWS::IAM::Role"]?.(`Role${made}`, {
      AssumeRolePolicyDocument: { Statement: [] },
      Policies: [{ PolicyName: "p", PolicyDocument: { Statement } }],
    })) ?? { ref: "" };
    return types["AWS::Lambda::EventSourceMapping"]?.(`Mapping${made}`, {
      EventSourceArn,
      FunctionName: `function-${made}`,
      StartingPosition: "LATEST",
    });
  }

  it("may do all of it is created", async () => {
    await expect(mapping(READ)).resolves.toBeDefined();
  });

  it("keeps its starting position: CloudFormation would make a second mapping of the same stream first", async () => {
    const one = await mapping(READ);
    const changed = { EventSourceArn: STREAM, FunctionName: `function-${made}`, BatchSize: 7 };
    await expect(one?.update?.({ ...changed, StartingPosition: "LATEST" })).resolves.toBeDefined();
    await expect(one?.update?.({ ...changed, StartingPosition: "TRIM_HORIZON" })).rejects.toThrow(
      /mapping already exists/,
    );
    const at = { StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: 5 };
    await expect(one?.update?.({ ...changed, ...at })).rejects.toMatchObject({
      code: "ResourceConflictException",
    });
  });

  it.each(READ)("lacks %s is refused", async (lacking) => {
    const without = READ.filter((one) => one !== lacking);
    await expect(mapping(without)).rejects.toThrow("Please ensure the role can perform the GetRecords");
  });

  it("may not read by the consumer is refused", async () => {
    await expect(mapping(READ, consumer?.ref)).rejects.toThrow(/SubscribeToShard/);
  });
});
