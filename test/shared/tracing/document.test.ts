import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breachesOf } from "../../../sandbox/xray/document-rules.ts";
import {
  annotationValue,
  fitted,
  LARGEST_BYTES,
  metadataValue,
  segmentName,
} from "../../../shared/tracing/document.ts";

const SUBSEGMENT = {
  id: "defdfd9912dc5a56",
  name: "decide",
  type: "subsegment",
  parent_id: "53995c3f42cd8ad8",
  trace_id: "1-6a7e8feb-b4914cf7a9f1bf3703467718",
  start_time: 1_795_257_780.5,
  end_time: 1_795_257_781,
};

const withMetadata = (values: Record<string, unknown>) => ({ ...SUBSEGMENT, metadata: { reflex: values } });

describe("a document", () => {
  it("that fits stays as it is", () => {
    const document = withMetadata({ evidence: { openShards: 1 } });
    expect(JSON.parse(fitted(document))).toEqual(document);
  });

  it("that is too large loses its largest metadata, and says which and how much", () => {
    const document = withMetadata({ evidence: "x".repeat(90_000), reasons: ["two shards"] });
    const { metadata, annotations } = JSON.parse(fitted(document));
    expect(annotations).toEqual({ cut: true });
    expect(metadata.reflex).toEqual({
      reasons: ["two shards"],
      evidence: expect.stringMatching(/^"x{999}…$/),
      cut: ["evidence had 90002 bytes: the first 1000 characters are kept"],
    });
  });

  it("that is too large by what is nested in it says that this is left out", () => {
    const nested = Array.from({ length: 500 }, () => ({
      ...SUBSEGMENT,
      annotations: { resource: "x".repeat(200) },
    }));
    const { metadata, subsegments } = JSON.parse(fitted({ ...SUBSEGMENT, subsegments: nested }));
    expect(subsegments).toBeUndefined();
    expect(metadata.reflex.cut).toEqual(["500 subsegments in it are left out"]);
  });

  it("is taken by X-Ray, whatever its metadata is", () => {
    const values = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 });
    const large = fc.string({ unit: "binary", minLength: 0, maxLength: 40_000 });
    fc.assert(
      fc.property(values, large, large, (some, a, b) => {
        const text = fitted(withMetadata({ ...some, a, b }));
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LARGEST_BYTES);
        expect(breachesOf(text)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a name", () => {
  it.each([
    ["shop.example.com", "shop.example.com"],
    ["kubernetes/main", "kubernetes/main"],
    ["[::1]", "_::1_"],
    ["a".repeat(300), "a".repeat(200)],
    ["", "_"],
  ])("%s is sent as %s", (name, sent) => {
    expect(segmentName(name)).toBe(sent);
  });
});

describe("an annotation", () => {
  it("keeps a thousand characters", () => {
    expect(annotationValue("x".repeat(2000))).toBe(`${"x".repeat(999)}…`);
  });

  it("is none where a number is none", () => {
    expect([annotationValue(Number.NaN), annotationValue(0)]).toEqual([undefined, 0]);
  });
});

describe("metadata", () => {
  it("is as it was when it was put there", () => {
    const value = { shards: [1n] };
    const kept = metadataValue(value);
    value.shards.push(2n);
    expect(kept).toEqual({ shards: ["1"] });
  });

  it("that JSON cannot say is replaced by the reason", () => {
    const circle: Record<string, unknown> = {};
    circle.itself = circle;
    expect(metadataValue(circle)).toMatch(/^it cannot be shown: TypeError/);
  });
});
