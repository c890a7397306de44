import { describe, expect, it } from "vitest";
import type { StreamPolicy } from "../../../../functions/ingest-events/config/policy.ts";
import type { JsonObject } from "../../../../functions/ingest-events/decode/json.ts";
import { plan } from "../../../../functions/ingest-events/plan/plan.ts";
import { batchesOf } from "../../../../functions/ingest-events/write/batches.ts";
import { APPEND, LATEST } from "../policies.ts";
import { writesOf } from "../writes.ts";

const planned = (events: readonly JsonObject[], policy: StreamPolicy) =>
  plan(writesOf(events, policy), policy);
const sequences = (events: readonly JsonObject[], policy: StreamPolicy) =>
  planned(events, policy).map(({ writes }) => writes.map(({ origin }) => origin.sequenceNumber));

describe("plan", () => {
  it("gathers the events of one key, in their order, in the order of the keys' first events", () => {
    const events = [{ id: "a" }, { id: "b" }, { id: "a" }, { id: "c" }, { id: "b" }];
    expect(sequences(events, APPEND)).toEqual([["1", "3"], ["2", "5"], ["4"]]);
  });

  it("tries the latest version first, and of two with one version the earlier", () => {
    const events = [1, 3, 2, 3].map((v) => ({ id: "a", v }));
    expect(sequences(events, LATEST)).toEqual([["2", "4", "3", "1"]]);
  });

  it("compares versions exactly, beyond what JavaScript numbers hold", () => {
    const events = ["12345678901234567891", "12345678901234567892", "1e19"].map((v) => ({ id: "a", v }));
    expect(sequences(events, LATEST)).toEqual([["2", "1", "3"]]);
  });
});

describe("batchesOf", () => {
  const groups = (count: number, bytes: number) =>
    planned(
      Array.from({ length: count }, (_none, index) => ({ id: String(index), x: "x".repeat(bytes) })),
      APPEND,
    );

  it("cuts at 25 items", () =>
    expect(batchesOf(groups(60, 10), 25).map((batch) => batch.length)).toEqual([25, 25, 10]));

  it("cuts at 2 MiB before that", () => {
    expect(batchesOf(groups(25, 409_000), 25).map((batch) => batch.length)).toEqual([5, 5, 5, 5, 5]);
  });

  it("makes no batch of nothing", () => expect(batchesOf([], 25)).toEqual([]));
});
