import { describe, expect, it } from "vitest";
import { decodeTrigger } from "../../../functions/approve-changes/triggers.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";

const FORM = "application/x-www-form-urlencoded";
const REQUEST = {
  version: "2.0",
  rawQueryString: "id=a&token=b",
  headers: { "content-type": `${FORM}; charset=UTF-8` },
  requestContext: { http: { method: "POST", sourceIp: "203.0.113.7" } },
  body: "said=approved",
};
const formOf = (event: object) => {
  const page = decodeTrigger({ ...REQUEST, ...event });
  return page.kind === "page" ? page.form?.toString() : page;
};

describe("a request of the function URL", () => {
  it("is a page with its method, query, form and sender", () => {
    expect(decodeTrigger(REQUEST)).toEqual({
      kind: "page",
      ...{ method: "POST", sourceIp: "203.0.113.7" },
      query: new URLSearchParams({ id: "a", token: "b" }),
      form: new URLSearchParams({ said: "approved" }),
    });
  });

  it("has its form as text or in base64", () => {
    expect(formOf({ isBase64Encoded: false })).toBe("said=approved");
    const body = Buffer.from("said=rejected").toString("base64");
    expect(formOf({ body, isBase64Encoded: true })).toBe("said=rejected");
    expect(formOf({ body: undefined })).toBe("");
    expect(formOf({ body: undefined, isBase64Encoded: true })).toBe("");
  });

  it("has no form when it sends something else, or nothing that says what it is", () => {
    expect(formOf({ headers: { "content-type": "application/json" } })).toBeUndefined();
    expect(formOf({ headers: { "content-type": `text/plain; ${FORM}` } })).toBeUndefined();
    expect(formOf({ headers: undefined })).toBeUndefined();
  });

  it("has no form that is larger than an answer can be: 2,048 bytes", () => {
    const body = `by=${"é".repeat(1022)}a`;
    expect(Buffer.byteLength(body)).toBe(2048);
    expect(formOf({ body })).toBeDefined();
    expect(formOf({ body: `${body}a` })).toBeUndefined();
  });
});

describe("an answer by IAM", () => {
  it.each([
    [{ approve: "a" }, { kind: "command", id: "a", said: "approved", mode: "act" }],
    [{ reject: "b" }, { kind: "command", id: "b", said: "rejected", mode: "act" }],
    [
      { approve: "a", mode: "observe" },
      { kind: "command", id: "a", said: "approved", mode: "observe" },
    ],
    [
      { reject: "b", mode: "observe" },
      { kind: "command", id: "b", said: "rejected", mode: "observe" },
    ],
  ])("%j names the request and what was said", (event, expected) => {
    expect(decodeTrigger(event)).toEqual(expected);
  });

  it.each([[{ approve: "a", mode: "act" }], [{ approve: "a".repeat(301) }], [{ approve: "a", reject: "a" }]])(
    "%j is not of the documented form",
    (event) => {
      expect(() => decodeTrigger(event)).toThrow(/^the answer to a request is not of the documented form/);
    },
  );
});

it.each([
  [{ ...REQUEST, version: "1.0" }, "version"],
  [{ ...REQUEST, rawQueryString: undefined }, "rawQueryString"],
  [{ ...REQUEST, requestContext: {} }, "requestContext.http"],
  [{ ...REQUEST, requestContext: { http: { method: "GET" } } }, "requestContext.http.sourceIp"],
])("a request without what AWS documents is an error that names it", (event, place) => {
  expect(() => decodeTrigger(event)).toThrow(Misconfigured);
  expect(() => decodeTrigger(event)).toThrow(
    new RegExp(`^the request of the function URL is not of the documented form .*${place}`),
  );
});

it.each([
  [null, "a null"],
  ["approve", "a string"],
  [{ Records: [] }, "keys: Records"],
])("%j is an error that says what was seen", (event, seen) => {
  expect(() => decodeTrigger(event)).toThrow(Misconfigured);
  expect(() => decodeTrigger(event)).toThrow(
    `the event is neither a request of the function URL nor { "approve": "<id>" } or { "reject": "<id>" } (${seen}): nothing was answered`,
  );
});
