import { describe, expect, it } from "vitest";
import { BatchReader } from "../../../../functions/ingest-events/run/batch-reader.ts";
import { ProducerTraces, producerTraceOf } from "../../../../functions/ingest-events/run/producer-traces.ts";
import { compilePattern } from "../../../../shared/triggers/event-pattern.ts";
import { policyOf } from "../policies.ts";
import { batchOf } from "../records.ts";

const ID = "1-5759e988-bd862e3fe1be46a994272793";
const W3C = "5759e988bd862e3fe1be46a994272793";
const PARENT = "53995c3f42cd8ad8";

describe("a producer's trace header", () => {
  it.each([
    ["X-Ray's, sampled", `Root=${ID};Parent=${PARENT};Sampled=1`, true],
    ["X-Ray's, not sampled", `Root=${ID};Parent=${PARENT};Sampled=0`, false],
    ["X-Ray's, not decided", `Root=${ID};Sampled=?`, true],
    ["X-Ray's, in another order, with blanks and a lineage", `Self=1-0-0; Lineage=a:1; Root=${ID}`, true],
    ["the W3C's, sampled", `00-${W3C}-${PARENT}-01`, true],
    ["the W3C's, not sampled", `00-${W3C}-${PARENT}-00`, false],
    ["the W3C's, random and sampled", `00-${W3C}-${PARENT}-03`, true],
    ["a later version's, with more behind it", `01-${W3C}-${PARENT}-01-what-comes`, true],
  ])("says the trace's id and whether X-Ray has it: %s", (_what, header, isKept) => {
    expect(producerTraceOf(header)).toEqual({ id: ID, isKept });
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 5],
    ["an object", { Root: ID }],
    ["an empty text", ""],
    ["no trace id", "Root=1-5759e988;Sampled=1"],
    ["a root of another name", `MyRoot=${ID}`],
    ["capitals, which the W3C forbids", `00-${W3C.toUpperCase()}-${PARENT}-01`],
    ["version ff", `ff-${W3C}-${PARENT}-01`],
    ["zeros for a trace", `00-${"0".repeat(32)}-${PARENT}-01`],
    ["zeros for a parent", `00-${W3C}-${"0".repeat(16)}-01`],
    ["no flags", `00-${W3C}-${PARENT}`],
    ["three digits of flags", `00-${W3C}-${PARENT}-011`],
  ])("is passed over where it is none: %s", (_what, header) => {
    expect(producerTraceOf(header)).toBeUndefined();
  });
});

describe("the producers of a batch", () => {
  const header = (number: number) => `Root=1-5759e988-${String(number).padStart(24, "0")};Sampled=1`;
  const landing = (from: readonly string[], policy = policyOf({ mode: "append", id: "id" })) => ({
    routes: [
      { when: compilePattern({ x: ["dropped"] }), policy: undefined },
      { when: undefined, policy },
    ],
    format: { format: "json" as const, explode: undefined },
    producerTrace: from,
  });
  const read = (...events: readonly object[]) =>
    new BatchReader(
      batchOf(...events.map((event) => JSON.stringify(event))),
      landing(["headers", "X-Amzn-Trace-Id"]),
      () => true,
    ).next();

  it("are named once each, those that X-Ray has, at most twenty", () => {
    const { producers } = read(
      ...[1, 1, 2, ...Array.from({ length: 40 }, (_none, index) => index + 3)].map((number, index) => ({
        id: String(index),
        headers: { "X-Amzn-Trace-Id": header(number) },
      })),
      { id: "z", headers: { "X-Amzn-Trace-Id": header(99).replace("=1", "=0") } },
    );
    const ids = Array.from(
      { length: 20 },
      (_none, index) => `1-5759e988-${String(index + 1).padStart(24, "0")}`,
    );
    expect(producers.annotation).toBe(ids.join(" "));
    expect(producers.annotation?.length).toBeLessThan(1000);
  });

  it("are none where no event names one, and where X-Ray has none of them", () => {
    expect(read({ id: "a" }, { id: "b", headers: null }).producers.annotation).toBeUndefined();
    const traces = new ProducerTraces();
    traces.add({ id: ID, isKept: false });
    expect(traces.annotation).toBeUndefined();
  });

  it("go with an event, one that X-Ray does not have too, to wherever it goes", () => {
    const unsampled = `00-${W3C}-${PARENT}-00`;
    const { writes, unfit } = read(
      { id: "a", headers: { "X-Amzn-Trace-Id": unsampled } },
      { id: "b", "": 1, headers: { "X-Amzn-Trace-Id": unsampled } },
      { id: "c", headers: {} },
    );
    expect([...writes.values()].flat().map(({ origin }) => origin.producerTraceId)).toEqual([ID, undefined]);
    expect(unfit.map(({ origin }) => origin.producerTraceId)).toEqual([ID]);
  });
});
