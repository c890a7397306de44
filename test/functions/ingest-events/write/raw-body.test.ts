import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import { expect, it } from "vitest";
import { withRawBody } from "../../../../functions/ingest-events/write/raw-body.ts";

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
  await client.send(
    withRawBody(new BatchWriteItemCommand({ RequestItems: { events: [] } }), JSON.stringify(input)),
  );
  const [theirs, ours] = requests;
  expect(JSON.parse(ours?.body)).toEqual(JSON.parse(Buffer.from(theirs?.body).toString()));
  expect(ours?.headers["content-length"]).toBe(String(Buffer.byteLength(ours?.body)));
  expect(ours?.headers["x-amz-target"]).toBe(theirs?.headers["x-amz-target"]);
  expect(ours?.headers.authorization).toMatch(
    /SignedHeaders=[^,]*content-length[^,]*;.*Signature=[0-9a-f]{64}$/,
  );
});
