import { describe, expect, it } from "vitest";
import { breachesOf } from "../../../sandbox/xray/document-rules.ts";

const SEGMENT = {
  id: "defdfd9912dc5a56",
  name: "reflex-dev-reshard-streams",
  trace_id: "1-6a7e8feb-b4914cf7a9f1bf3703467718",
  start_time: 1_795_257_780.5,
  end_time: 1_795_257_781,
};
const SUBSEGMENT = { ...SEGMENT, id: "53995c3f42cd8ad8", type: "subsegment", parent_id: SEGMENT.id };
const EXCEPTION = { id: "0123456789abcdef", message: "no", type: "Blocked", stack: [] };

const breaches = (document: object) => breachesOf(JSON.stringify(document));

describe("a document breaks no rule", () => {
  it.each([
    ["that is a segment", SEGMENT],
    ["that is a segment below another", { ...SEGMENT, parent_id: "53995c3f42cd8ad8" }],
    ["that is a subsegment", { ...SUBSEGMENT, namespace: "aws", aws: { operation: "PutItem", retries: 0 } }],
    ["in progress", { ...SUBSEGMENT, end_time: undefined, in_progress: true }],
    ["with every sort of annotation", { ...SUBSEGMENT, annotations: { a_1: "x", B: 1.5, c: false } }],
    ["with an exception", { ...SUBSEGMENT, fault: true, cause: { exceptions: [EXCEPTION] } }],
    ["with the id of an exception", { ...SUBSEGMENT, fault: true, cause: EXCEPTION.id }],
    ["of a name with symbols", { ...SUBSEGMENT, name: "kubernetes/main: a.b_c é @1" }],
  ])("%s", (_, document) => {
    expect(breaches(document)).toEqual([]);
  });
});

describe("a document breaks a rule", () => {
  it.each([
    ["without a trace", { ...SEGMENT, trace_id: undefined }, "trace_id"],
    [
      "with a trace id in another form",
      { ...SEGMENT, trace_id: "1-6A7E8FEB-b4914cf7a9f1bf3703467718" },
      "trace_id",
    ],
    ["with a short id", { ...SEGMENT, id: "12" }, "id"],
    ["with no name", { ...SEGMENT, name: "" }, "name"],
    ["with a bracket in its name", { ...SEGMENT, name: "a(b)" }, "name"],
    ["with a name of 201 characters", { ...SEGMENT, name: "a".repeat(201) }, "name"],
    [
      "in milliseconds",
      { ...SEGMENT, start_time: 1_795_257_780_500, end_time: undefined, in_progress: true },
      "start_time",
    ],
    ["that ends before it starts", { ...SEGMENT, end_time: 1_795_257_780 }, "ends before it starts"],
    ["that neither ended nor goes on", { ...SEGMENT, end_time: undefined }, "either end_time or in_progress"],
    ["that ended and goes on", { ...SEGMENT, in_progress: true }, "either end_time or in_progress"],
    ["that is a subsegment of nothing", { ...SUBSEGMENT, parent_id: undefined }, "parent_id"],
    ["with a namespace of its own", { ...SUBSEGMENT, namespace: "local" }, "namespace"],
    ["with a hyphen in an annotation's key", { ...SUBSEGMENT, annotations: { "a-b": 1 } }, "annotations"],
    ["with an object as annotation", { ...SUBSEGMENT, annotations: { a: {} } }, "annotations.a"],
    ["with a long annotation", { ...SUBSEGMENT, annotations: { a: "x".repeat(1001) } }, "annotations.a"],
    [
      "with 51 annotations",
      { ...SUBSEGMENT, annotations: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, n])) },
      "more than 50 annotations",
    ],
    ["with metadata that is no map", { ...SUBSEGMENT, metadata: "x" }, "metadata"],
    [
      "with a status that is a text",
      { ...SUBSEGMENT, http: { response: { status: "200" } } },
      "http.response.status",
    ],
    ["with an unknown field of http", { ...SUBSEGMENT, http: { headers: {} } }, "headers"],
    ["with a cause that is a sentence", { ...SUBSEGMENT, cause: "it broke" }, "cause"],
    ["with a field X-Ray does not know", { ...SUBSEGMENT, notTraced: false }, "notTraced"],
    [
      "in which another one does",
      { ...SUBSEGMENT, subsegments: [{ id: "0123456789abcdef", name: "b", start_time: 1_795_257_780.5 }] },
      "subsegments.0: it needs either end_time or in_progress",
    ],
    ["above 64 KB", { ...SUBSEGMENT, metadata: { a: "x".repeat(64 * 1024) } }, "X-Ray takes 65536"],
  ])("%s", (_, document, breach) => {
    expect(breaches(document)).toEqual([expect.stringContaining(breach)]);
  });

  it("that is no JSON", () => {
    expect(breachesOf("{oops")).toEqual(["it is no JSON object"]);
  });
});
