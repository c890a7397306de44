import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  AnswerTooLarge,
  ConditionFailed,
  callWithJson,
} from "../../../../functions/ingest-events/write/json-call.ts";
import { answeredClient } from "../dynamo-answers.ts";

/** A client whose requests are kept instead of sent. */
function keepingClient(options: DynamoDBClientConfig = {}) {
  const requests: HttpRequest[] = [];
  const signals: unknown[] = [];
  const handle = async (request: HttpRequest, { abortSignal }: { readonly abortSignal?: AbortSignal }) => {
    requests.push(request);
    signals.push(abortSignal);
    return { response: new HttpResponse({ statusCode: 200, headers: {}, body: Buffer.from("{}") }) };
  };
  const client = new DynamoDBClient({ ...options, requestHandler: { handle } as never });
  return { client, requests, signals };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

const input: BatchWriteItemCommandInput = {
  RequestItems: {
    events: [
      {
        PutRequest: {
          Item: { id: { S: 'é "\n😀' }, n: { N: "1E-130" }, t: { BOOL: false }, z: { NULL: true } },
        },
      },
      {
        PutRequest: {
          Item: { id: { S: "" }, l: { L: [{ M: {} }, { L: [] }] }, m: { M: { a: { S: "b" } } } },
        },
      },
    ],
  },
};

describe("the request", () => {
  const signal = new AbortController().signal;
  const call = (body: string) => ({
    command: new BatchWriteItemCommand({ RequestItems: { events: [] } }),
    body: Buffer.from(body),
  });

  it("is what the SDK's own serialiser would send, with its length and signed", async () => {
    const { client, requests } = keepingClient();
    await client.send(new BatchWriteItemCommand(input));
    // The second of ours no longer goes the SDK's whole way.
    for (const _of of ["the first", "the second"]) {
      await callWithJson(client, call(JSON.stringify(input)), signal);
      const [theirs, ours] = [requests[0], requests.at(-1)];
      const text = Buffer.from(ours?.body).toString();
      expect(JSON.parse(text)).toEqual(JSON.parse(Buffer.from(theirs?.body).toString()));
      expect(ours?.headers["content-length"]).toBe(String(Buffer.byteLength(text)));
      for (const name of ["x-amz-target", "content-type", "host", "user-agent"]) {
        expect(ours?.headers[name]).toBe(theirs?.headers[name]);
      }
      const { method, protocol, hostname, path } = theirs ?? {};
      expect(ours).toMatchObject({ method, protocol, hostname, path });
      expect(ours?.headers.authorization).toMatch(
        /SignedHeaders=[^,]*content-length[^,]*;.*Signature=[0-9a-f]{64}$/,
      );
    }
    expect(requests[2]?.headers).not.toHaveProperty("amz-sdk-request");
  });

  it("is signed with the credentials of its moment, by the SDK's clock", async () => {
    let given = { accessKeyId: "AKID1", secretAccessKey: "s", sessionToken: "t1" };
    const credentials = async () => ({ ...given, expiration: new Date(0) });
    const { client, requests } = keepingClient({ credentials });
    await callWithJson(client, call("{}"), signal);
    given = { ...given, accessKeyId: "AKID2", sessionToken: "t2" };
    client.config.systemClockOffset = 86_400_000 * 365;
    await callWithJson(client, call("{}"), signal);
    const [first, second] = requests.map(({ headers }) => headers);
    expect(first?.authorization).toContain("AKID1/");
    expect(second?.authorization).toContain("AKID2/");
    expect(second?.["x-amz-security-token"]).toBe("t2");
    expect(Number(second?.["x-amz-date"]?.slice(0, 4))).toBe(Number(first?.["x-amz-date"]?.slice(0, 4)) + 1);
  });

  it("goes where the client's endpoint is, with the client's headers, as long as its invocation lives", async () => {
    const { client, requests, signals } = keepingClient({ endpoint: "http://127.0.0.1:8000/db" });
    for (const _of of ["the first", "the second"]) await callWithJson(client, call("{}"), signal);
    const [first, second] = requests;
    for (const request of [first, second]) {
      expect(request).toMatchObject({ protocol: "http:", hostname: "127.0.0.1", port: 8000, path: "/db/" });
    }
    const kept = ["host", "content-type", "x-amz-target", "user-agent", "x-amz-user-agent"];
    for (const name of kept) expect(second?.headers[name]).toBe(first?.headers[name]);
    expect(Object.keys(second?.headers ?? {}).toSorted()).toEqual(
      [
        ...kept.filter((name) => first?.headers[name] !== undefined),
        ...["authorization", "content-length", "x-amz-content-sha256", "x-amz-date"],
      ].toSorted(),
    );
    expect(signals).toEqual([signal, signal]);
  });

  it("has no port where the endpoint names none", async () => {
    const { client, requests } = keepingClient();
    for (const _of of ["the first", "the second"]) await callWithJson(client, call("{}"), signal);
    expect(requests.map(({ port }) => port)).toEqual([undefined, undefined]);
  });

  it("carries the trace of its own invocation", async () => {
    const { client, requests } = keepingClient();
    for (const trace of ["Root=1-a", "Root=1-b"]) {
      vi.stubEnv("_X_AMZN_TRACE_ID", trace);
      vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "f");
      await callWithJson(client, call("{}"), signal);
    }
    expect(requests.map(({ headers }) => headers["X-Amzn-Trace-Id"])).toEqual(["Root=1-a", "Root=1-b"]);
  });
});

describe.each(["the first call", "a later call"])("the answer to %s", (which) => {
  const call = async (answer: object | string, maxAnswerBytes?: number) => {
    const { client, on } = answeredClient();
    if (which === "a later call") {
      on("PutItem", {});
      const command = new PutItemCommand({ TableName: "t", Item: {} });
      await callWithJson(client, { command, body: Buffer.from("{}") }, new AbortController().signal);
    }
    on("PutItem", answer);
    const command = new PutItemCommand({ TableName: "t", Item: {} });
    const limit = maxAnswerBytes === undefined ? {} : { maxAnswerBytes };
    return callWithJson(client, { command, body: Buffer.from("{}"), ...limit }, new AbortController().signal);
  };

  it("is handed on as it is", async () => {
    expect((await call('{"a":[1.50]} \n')).toString().trim()).toBe('{"a":[1.50]}');
  });

  it.each(["", "<html>", '{"a":{}', '{"a":"}', "{}}", "[]"])(
    "is none, and not one of success: %j",
    async (text) => {
      await expect(call(text)).rejects.toThrow(new SyntaxError("the answer is no JSON object"));
    },
  );

  it("is not read beyond its limit", async () => {
    await expect(call({ a: "x".repeat(100) }, 50)).rejects.toThrow(AnswerTooLarge);
    await expect(call({ a: "x".repeat(43) }, 50)).rejects.toThrow("the answer has more than 50 bytes");
    await expect(call({ a: "x".repeat(42) }, 50)).resolves.toHaveLength(50);
  });

  it("of a failed condition brings what stands there", async () => {
    const __type = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    const Item = { id: { S: "a" }, n: { N: "1.50" } };
    const failed = await call({ __type, Item, message: "no" }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConditionFailed);
    expect(failed).toMatchObject({
      stored: { attributes: Item },
      message: "the condition of the write does not hold",
      cause: { name: "ConditionalCheckFailedException", message: "no" },
    });
    await expect(call({ __type, message: "no" })).rejects.toMatchObject({ stored: undefined });
  });

  it("of another error is the SDK's own", async () => {
    await expect(call({ __type: "x#ThrottlingException", message: "slow" })).rejects.toMatchObject({
      name: "ThrottlingException",
      message: "slow",
    });
  });
});
