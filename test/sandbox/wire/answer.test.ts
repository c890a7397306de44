import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { AwsRequest } from "../../../sandbox/service.ts";
import { answer, type WireService } from "../../../sandbox/wire/answer.ts";
import { decodeCbor, encodeCbor } from "../../../sandbox/wire/cbor.ts";
import { AwsError } from "../../../sandbox/wire/error.ts";

const service: WireService = {
  name: "Parrot",
  operations: {
    Say: (input) => ({ Said: input }),
    Refuse: () => {
      throw new AwsError("TiredException", "not now", { status: 404, queryCode: "Tired" });
    },
    Break: () => {
      throw new TypeError("a bug");
    },
    Nothing: () => undefined,
  },
  xmlNamespace: "urn:parrot",
};

function request(headers: Record<string, string>, body: string | Uint8Array, path = "/"): AwsRequest {
  const query = new URLSearchParams();
  return { method: "POST", path, query, headers, body: Buffer.from(body), region: "us-east-1" };
}

const json = (operation: string, body: string | Uint8Array, headers = {}) =>
  answer(service, request({ "x-amz-target": `Parrot_1.${operation}`, ...headers }, body));

const cbor = (operation: string, body: Uint8Array) =>
  answer(
    service,
    request({ "smithy-protocol": "rpc-v2-cbor" }, body, `/service/Parrot_1/operation/${operation}`),
  );

const query = (form: string) => answer(service, request({}, form));

describe("an answer", () => {
  test("comes in JSON to a request in JSON", async () => {
    expect(await json("Say", '{"A":1}')).toMatchObject({ status: 200, body: '{"Said":{"A":1}}' });
  });

  test("comes in CBOR to a request in CBOR", async () => {
    const response = await cbor("Say", encodeCbor({ A: 1 }));
    expect(response).toMatchObject({ status: 200, headers: { "smithy-protocol": "rpc-v2-cbor" } });
    expect(decodeCbor(Buffer.from(response.body ?? ""))).toEqual({ Said: { A: 1 } });
  });

  test("comes in XML to a form", async () => {
    const { body } = await query("Action=Say&Version=2010-08-01&A=1");
    expect(body).toContain(
      "<SayResult><Said><Action>Say</Action><Version>2010-08-01</Version><A>1</A></Said>",
    );
  });

  test("is an empty object in JSON where an operation has no output", async () => {
    expect(await json("Nothing", "{}")).toMatchObject({ status: 200, body: "{}" });
  });

  test("is the same to a body in gzip", async () => {
    const response = await json("Say", gzipSync('{"A":1}'), { "content-encoding": "gzip" });
    expect(response.body).toBe('{"Said":{"A":1}}');
  });
});

describe("an error", () => {
  test("has its name and its Query code in JSON", async () => {
    expect(await json("Refuse", "{}")).toMatchObject({
      status: 404,
      headers: { "x-amzn-query-error": "Tired;Sender" },
      body: '{"__type":"TiredException","message":"not now"}',
    });
  });

  test("has its name in CBOR", async () => {
    const { body = "", status } = await cbor("Refuse", encodeCbor({}));
    expect([status, decodeCbor(Buffer.from(body))]).toEqual([
      404,
      { __type: "TiredException", message: "not now" },
    ]);
  });

  test("has its Query code in XML", async () => {
    expect((await query("Action=Refuse")).body).toContain("<Code>Tired</Code>");
  });

  test("names an unknown operation and the known ones", async () => {
    const { status, body } = await json("Sing", "{}");
    expect(status).toBe(400);
    expect(body).toContain('no operation \\"Sing\\". It has: Say, Refuse, Break, Nothing.');
  });

  test("does not take a word of JavaScript's own for an operation", async () => {
    expect((await json("toString", "{}")).status).toBe(400);
  });

  test("is 500 where the sandbox itself fails", async () => {
    const { status, body } = await json("Break", "{}");
    expect([status, String(body).includes("a bug")]).toEqual([500, true]);
  });

  test("says that a body is no JSON", async () => {
    expect((await json("Say", "{oops")).body).toContain("SerializationException");
  });

  test("says that a form in gzip is none", async () => {
    const response = await answer(service, request({ "content-encoding": "gzip" }, "Action=Say"));
    expect(response.body).toContain("is not gzip");
  });
});
