import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import { describe, expect, it } from "vitest";
import {
  AnswerTooLarge,
  ConditionFailed,
  callWithJson,
} from "../../../../functions/ingest-events/write/json-call.ts";
import { answeredClient } from "../dynamo-answers.ts";

/** A client whose requests are kept instead of sent. */
function keepingClient() {
  const requests: HttpRequest[] = [];
  const handle = async (request: HttpRequest) => {
    requests.push(request);
    return { response: new HttpResponse({ statusCode: 200, headers: {}, body: Buffer.from("{}") }) };
  };
  const client = new DynamoDBClient({ requestHandler: { handle } as never });
  return { client, requests };
}

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

it("sends what the SDK's own serialiser would send, with its length and signed", async () => {
  const { client, requests } = keepingClient();
  await client.send(new BatchWriteItemCommand(input));
  const command = new BatchWriteItemCommand({ RequestItems: { events: [] } });
  await callWithJson(client, { command, body: JSON.stringify(input) }, new AbortController().signal);
  const [theirs, ours] = requests;
  expect(JSON.parse(ours?.body)).toEqual(JSON.parse(Buffer.from(theirs?.body).toString()));
  expect(ours?.headers["content-length"]).toBe(String(Buffer.byteLength(ours?.body)));
  expect(ours?.headers["x-amz-target"]).toBe(theirs?.headers["x-amz-target"]);
  expect(ours?.headers.authorization).toMatch(
    /SignedHeaders=[^,]*content-length[^,]*;.*Signature=[0-9a-f]{64}$/,
  );
});

describe("the answer", () => {
  const { client, on } = answeredClient();
  const call = (answer: object | string, maxAnswerBytes?: number) => {
    on("PutItem", answer);
    const command = new PutItemCommand({ TableName: "t", Item: {} });
    const limit = maxAnswerBytes === undefined ? {} : { maxAnswerBytes };
    return callWithJson(client, { command, body: "{}", ...limit }, new AbortController().signal);
  };

  it("is handed on as it is", async () => {
    expect((await call('{"a":[1.50]} \n')).toString().trim()).toBe('{"a":[1.50]}');
  });

  it.each(["", "<html>", '{"a":{}', '{"a":"}', "{}}", "[]"])(
    "is none, and not one of success: %j",
    async (text) => {
      await expect(call(text)).rejects.toThrow(SyntaxError);
    },
  );

  it("is not read beyond its limit", async () => {
    await expect(call({ a: "x".repeat(100) }, 50)).rejects.toThrow(AnswerTooLarge);
    await expect(call({ a: "x".repeat(40) }, 50)).resolves.toBeDefined();
  });

  it("of a failed condition brings what stands there", async () => {
    const __type = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    const Item = { id: { S: "a" }, n: { N: "1.50" } };
    const failed = await call({ __type, Item, message: "no" }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ConditionFailed);
    expect(failed).toMatchObject({ stored: { attributes: Item } });
    await expect(call({ __type, message: "no" })).rejects.toMatchObject({ stored: undefined });
  });

  it("of another error is the SDK's own", async () => {
    await expect(call({ __type: "x#ThrottlingException", message: "slow" })).rejects.toMatchObject({
      name: "ThrottlingException",
      message: "slow",
    });
  });
});
