import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { HttpResponse } from "@smithy/core/protocols";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Daemon, type Document, flat, startDaemon } from "../../../shared/tracing/daemon.ts";

type Modules = typeof import("../../../../shared/tracing/stages.ts") &
  typeof import("../../../../functions/ingest-events/write/json-call.ts");

let daemon: Daemon;
let modules: Modules;

beforeAll(async () => {
  daemon = await startDaemon();
  // X-Ray's SDK reads both when it is loaded, so it is loaded here.
  vi.stubEnv("LAMBDA_TASK_ROOT", "/var/task");
  vi.stubEnv("AWS_XRAY_DAEMON_ADDRESS", daemon.address);
  modules = {
    ...(await import("../../../../shared/tracing/stages.ts")),
    ...(await import("../../../../functions/ingest-events/write/json-call.ts")),
  };
});
afterAll(() => {
  daemon.stop();
  vi.unstubAllEnvs();
});

/** The subsegments of the calls to DynamoDB in a run that makes one call after the other, which are answered so. */
async function callsOf(
  ...answers: readonly { status: number; body: object; headers?: Record<string, string> }[]
) {
  const left = answers.values();
  const handle = async () => {
    const { status = 200, body = {}, headers = {} } = left.next().value ?? {};
    return {
      response: new HttpResponse({ statusCode: status, headers, body: Buffer.from(JSON.stringify(body)) }),
    };
  };
  const client = new DynamoDBClient({ maxAttempts: 1, requestHandler: { handle } as never });
  vi.stubEnv(
    "_X_AMZN_TRACE_ID",
    "Root=1-5759e988-00000000000000000000000a;Parent=53995c3f42cd8ad8;Sampled=1",
  );
  await modules.inStage("run", async () => {
    for (const _answer of answers) {
      const command = new PutItemCommand({ TableName: "landed", Item: {} });
      const call = { command, body: Buffer.from("{}") };
      await modules.callWithJson(client, call, new AbortController().signal).catch(() => {});
    }
  });
  const documents: Document[] = flat(await daemon.until("run"));
  return documents.filter(({ name }) => name === "DynamoDB");
}

const OK = { status: 200, body: {}, headers: { "x-amzn-requestid": "r-2" } };

describe("a call that does not go the SDK's whole way", () => {
  it("is a subsegment as the SDK's own calls are", async () => {
    const [later] = await callsOf(OK, OK);
    expect(later).toMatchObject({
      namespace: "aws",
      aws: { operation: "PutItem", region: "us-east-1", request_id: "r-2", table_name: "landed" },
      http: { response: { status: 200 } },
    });
  });

  it("is one without a request id, where the answer has none", async () => {
    const [later] = await callsOf(OK, { status: 200, body: {} });
    expect(later?.aws).not.toHaveProperty("request_id");
  });

  it("is one subsegment, and a failed one, where DynamoDB answers with an error", async () => {
    const failed = { status: 400, body: { __type: "x#ThrottlingException", message: "slow" } };
    const calls = await callsOf(OK, failed);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ error: true, throttle: true });
  });
});
