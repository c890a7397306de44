import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, ListStreamsCommand, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Callers, Calls } from "../../../sandbox/endpoint/calls.ts";
import { type Endpoint, type EndpointOptions, startEndpoint } from "../../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../../sandbox/endpoint/faults.ts";
import type { AwsRequest, Service } from "../../../sandbox/service.ts";
import { AwsError } from "../../../sandbox/wire/error.ts";

const NOW = Date.parse("2030-01-01T00:00:00Z");

let handled: AwsRequest[];
let handle: Service["handle"];
let endpoint: Endpoint;
let parts: Omit<EndpointOptions, "port">;
let logged: string[];
const clients: { destroy(): void }[] = [];

beforeEach(async () => {
  handled = [];
  logged = [];
  handle = async () => ({ status: 200, body: "{}" });
  const service: Service = {
    signingNames: ["kinesis", "dynamodb"],
    handle: async (request) => {
      handled.push(request);
      return handle(request);
    },
  };
  parts = {
    services: [service],
    clock: { now: () => NOW },
    faults: new Faults(),
    calls: new Calls(),
    callers: new Map() as Callers,
    log: (line) => logged.push(line),
  };
  endpoint = await startEndpoint({ ...parts, port: 0 });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await endpoint.stop();
});

/** Whoever waits for an answer that does not come waits so long; all others wait until it is there. */
const IMPATIENT_MS = 200;

/** As every client of the project: HTTP/1.1; one attempt, so that each fault is seen. */
function options(accessKeyId = "test", timeoutMs = 20_000) {
  return {
    endpoint: endpoint.url,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: timeoutMs, throwOnRequestTimeout: true }),
  };
}

function kinesis(accessKeyId?: string, timeoutMs?: number): KinesisClient {
  const client = new KinesisClient(options(accessKeyId, timeoutMs));
  clients.push(client);
  return client;
}

const putRecord = new PutRecordCommand({ StreamName: "s", PartitionKey: "a", Data: Buffer.from("x") });

describe("the endpoint", () => {
  it("finds the service by the credential scope", async () => {
    await kinesis().send(new ListStreamsCommand({}));
    expect(handled.map(({ headers }) => headers["x-amz-target"])).toEqual(["Kinesis_20131202.ListStreams"]);
  });

  it("answers with the sandbox's date", async () => {
    const { headers } = await fetch(endpoint.url);
    expect(headers.get("date")).toBe("Tue, 01 Jan 2030 00:00:00 GMT");
  });

  it("records each call with the service, the operation, the time and the status", async () => {
    await kinesis().send(new ListStreamsCommand({}));
    expect(parts.calls.all()).toMatchObject([
      { service: "kinesis", operation: "ListStreams", at: NOW, status: 200 },
    ]);
  });

  it("knows the function that called by its access key", async () => {
    parts.callers.set("ASIAFUNCTION", {
      functionName: "reshard-streams",
      requestId: () => "r1",
      crash: async () => {},
    });
    await kinesis("ASIAFUNCTION").send(new ListStreamsCommand({}));
    expect(parts.calls.all()).toMatchObject([{ functionName: "reshard-streams", requestId: "r1" }]);
  });

  it("says which services it knows when a request is not signed", async () => {
    const response = await fetch(endpoint.url);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("Known services: dynamodb, kinesis.");
  });

  it("names an unknown service to a client that speaks Query (XML)", async () => {
    const client = new SNSClient(options());
    clients.push(client);
    await expect(client.send(new ListTopicsCommand({}))).rejects.toMatchObject({
      name: "UnknownService",
      message: expect.stringContaining('no service "sns"'),
    });
  });

  it("names an unknown service to a client that speaks JSON or CBOR", async () => {
    const client = new CloudWatchClient(options());
    clients.push(client);
    await expect(client.send(new DescribeAlarmsCommand({}))).rejects.toMatchObject({
      name: "UnknownService",
      message: expect.stringContaining('no service "monitoring"'),
    });
  });

  it("hands a service's AWS error on as one", async () => {
    handle = async () => {
      throw new AwsError("ResourceNotFoundException", "No such stream.");
    };
    await expect(kinesis().send(putRecord)).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "No such stream.",
    });
  });

  it("answers 500 and logs when a service fails", async () => {
    handle = async () => {
      throw new TypeError("a bug in the sandbox");
    };
    const error = await kinesis()
      .send(putRecord)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: "InternalFailure", $metadata: { httpStatusCode: 500 } });
    expect(logged.join()).toContain("kinesis PutRecord failed inside the sandbox: TypeError: a bug");
  });

  it("says which port is taken", async () => {
    const port = Number(new URL(endpoint.url).port);
    await expect(startEndpoint({ ...parts, port })).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
  });
});

describe("a fault", () => {
  it.each([
    ["kinesis", "PutRecord", "ProvisionedThroughputExceededException"],
    ["kinesis", "ListStreams", "LimitExceededException"],
  ])("throttle refuses %s %s with %s and does nothing", async (service, operation, name) => {
    parts.faults.inject({ kind: "throttle", service, operation });
    const command = operation === "PutRecord" ? putRecord : new ListStreamsCommand({});
    // Two overloads of one client: the test is about the answer, not about the command.
    await expect(kinesis().send(command as ListStreamsCommand)).rejects.toMatchObject({ name });
    expect(handled).toEqual([]);
  });

  it("throttle is DynamoDB's own error for DynamoDB", async () => {
    parts.faults.inject({ kind: "throttle", service: "dynamodb" });
    const client = new DynamoDBClient(options());
    clients.push(client);
    await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: "ProvisionedThroughputExceededException",
    });
  });

  it("server-error answers 500 and does nothing", async () => {
    parts.faults.inject({ kind: "server-error", service: "kinesis" });
    const error = await kinesis()
      .send(putRecord)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(handled).toEqual([]);
  });

  it("time-out never answers and does nothing", async () => {
    parts.faults.inject({ kind: "time-out", service: "kinesis" });
    await expect(kinesis("test", IMPATIENT_MS).send(putRecord)).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect(handled).toEqual([]);
  });

  it("lost-answer does it and cuts the connection", async () => {
    parts.faults.inject({ kind: "lost-answer", service: "kinesis" });
    await expect(kinesis().send(putRecord)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(handled).toHaveLength(1);
  });

  it.each([
    ["crash-before", 0],
    ["crash-after", 1],
  ] as const)("%s kills the caller with the call done %i times", async (kind, done) => {
    let crashes = 0;
    parts.callers.set("ASIAFUNCTION", {
      functionName: "a",
      requestId: () => "r1",
      crash: async () => {
        crashes += 1;
      },
    });
    parts.faults.inject({ kind, service: "kinesis", functionName: "a" });
    await kinesis("ASIAFUNCTION")
      .send(putRecord)
      .catch(() => {});
    expect({ crashes, done: handled.length }).toEqual({ crashes: 1, done });
  });

  it("is seen in the calls", async () => {
    parts.faults.inject({ kind: "server-error", service: "kinesis" });
    await kinesis()
      .send(putRecord)
      .catch(() => {});
    expect(parts.calls.all()).toMatchObject([{ fault: "server-error", status: 500 }]);
  });
});
