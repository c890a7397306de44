import { expect, test } from "vitest";
import { decodeCbor, encodeCbor } from "../../../sandbox/wire/cbor.ts";

/** PutMetricData as botocore 1.43.11 sends it by Smithy RPC v2 CBOR. */
const PUT_METRIC_DATA =
  "a2694e616d657370616365634170706a4d65747269634461746181a56a4d65747269634e616d65674c6174656e63796a44696d65" +
  "6e73696f6e7381a2644e616d6564536974656556616c75656473686f706556616c7565fb40040000000000006954696d65737461" +
  "6d70c11a6b0175b464556e6974675365636f6e6473";

test("reads a request as botocore sends it", () => {
  expect(decodeCbor(Buffer.from(PUT_METRIC_DATA, "hex"))).toEqual({
    Namespace: "App",
    MetricData: [
      {
        MetricName: "Latency",
        Dimensions: [{ Name: "Site", Value: "shop" }],
        Value: 2.5,
        Timestamp: new Date("2026-11-21T10:43:00Z"),
        Unit: "Seconds",
      },
    ],
  });
});

test("writes a time as tag 1 over its seconds", () => {
  // map(1), text(2) "At", tag(1), unsigned 1795257780
  expect(Buffer.from(encodeCbor({ At: new Date("2026-11-21T10:43:00Z") })).toString("hex")).toBe(
    "a1624174c11a6b0175b4",
  );
});

test("leaves out what is undefined", () => {
  expect(Buffer.from(encodeCbor({ NextToken: undefined })).toString("hex")).toBe("a0");
});

test("reads no body as no input", () => {
  expect(decodeCbor(Buffer.alloc(0))).toEqual({});
});

test("says so when the body is no CBOR", () => {
  expect(() => decodeCbor(Buffer.from("ff", "hex"))).toThrow("is no CBOR");
});
