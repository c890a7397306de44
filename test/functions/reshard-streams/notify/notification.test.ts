import { describe, expect, it } from "vitest";
import type { Action, Hold, Reshard } from "../../../../functions/reshard-streams/model/decision.ts";
import { conditionsOf } from "../../../../functions/reshard-streams/notify/conditions.ts";
import { contextOf, notificationOf } from "../../../../functions/reshard-streams/notify/notification.ts";
import { asSubject, notification } from "../../../../shared/notify/notification.ts";
import { entry, HOUR, history, NOW } from "../stream.ts";

const evidence = {
  openShards: 2,
  utilisation: 0.934,
  lookBackUtilisation: 0.951,
  throttled: 120,
  iteratorAgeMs: 800,
  quotaUsed: 3,
};

const OUT: Reshard = {
  kind: "UpdateShardCount",
  verdict: "scale-out",
  direction: "out",
  from: 2,
  to: 4,
  goal: 5,
  reasons: ["the peak needs 1.9 shards' worth", "one call goes from 2 to 4 at most"],
  evidence,
};
const AT_MAX: Hold = {
  kind: "hold",
  verdict: "at-max",
  reasons: ["max is 2"],
  evidence,
  notify: true,
  requeue: false,
};

const notified = (decision: Action, { entries = [] as ReturnType<typeof entry>[] } = {}) =>
  notificationOf("orders", decision, history({ entries }), {
    id: "id-1",
    deployStage: "prod",
    now: NOW,
    trigger: "alarm reflex-dev-stream-orders (ALARM)",
    traceId: "1-2-3",
  });

describe("a change that was made", () => {
  it("is notified as work, resource, events, what was done, why, what it costs and what would undo it", () => {
    expect(notified(OUT, { entries: [entry(NOW - HOUR)] })).toEqual({
      id: "id-1",
      at: new Date(NOW).toISOString(),
      automation: "reshard-streams",
      resource: "stream/orders",
      severity: "info",
      state: "action",
      headline: "orders: 2 -> 4 shards (scale-out)",
      work: [
        { name: "Producers", value: "120 records were refused in the last minutes" },
        { name: "Consumers", value: "up to date" },
      ],
      resourceMetrics: [
        { name: "Utilisation, recent peak", value: "93 %" },
        { name: "Utilisation, peak of the look-back", value: "95 %" },
        { name: "Open shards", value: "2" },
        { name: "UpdateShardCount calls in 24 hours", value: "3 of 10" },
        { name: "Triggered by", value: "alarm reflex-dev-stream-orders (ALARM)" },
      ],
      events: [
        {
          at: new Date(NOW - HOUR).toISOString(),
          text: "kinesis:UpdateShardCount 1 -> 2, applied (schedule)",
        },
      ],
      done: { what: "UpdateShardCount", from: 2, to: 4, unit: "shards" },
      reasons: OUT.reasons,
      costPerMonth: { before: 2 * 0.015 * 730, after: 4 * 0.015 * 730 },
      undo: "reflex undo id-1 --stage prod",
      traceId: "1-2-3",
    });
  });

  it("is of the notification's schema, and its subject fits SNS", () => {
    expect(notification.parse(notified(OUT))).toEqual(notified(OUT));
    expect(asSubject(notified(OUT))).toBe("orders: 2 to 4 shards (scale-out)");
  });

  it("has the last five changes before it, newest first", () => {
    const entries = Array.from({ length: 8 }, (_, index) => entry(NOW - (index + 1) * HOUR));
    expect(notified(OUT, { entries }).events.map(({ at }) => Date.parse(at))).toEqual(
      [1, 2, 3, 4, 5].map((hours) => NOW - hours * HOUR),
    );
  });
});

describe("a change that mode observe held back", () => {
  it("is an event that says what would have been done", () => {
    expect(conditionsOf(OUT, "nothing")).toEqual([
      {
        key: "would",
        kind: "event",
        code: "scale-out",
        cause: "UpdateShardCount 2 -> 4",
        text: "2 -> 4 shards (scale-out) is not done: mode is observe",
        severity: "info",
      },
    ]);
    expect(conditionsOf(OUT, "acted")).toEqual([]);
  });
});

describe("a hold", () => {
  it("that a person has to see to is a condition: critical while writes are refused", () => {
    const condition = { key: "size", code: "at-max", text: "needs more than its max allows" };
    expect(conditionsOf(AT_MAX, "nothing")).toEqual([{ ...condition, severity: "critical" }]);
    const calm = { ...AT_MAX, evidence: { ...evidence, throttled: 0 } };
    expect(conditionsOf(calm, "nothing")).toEqual([{ ...condition, severity: "warning" }]);
  });

  it("that nobody has to see to is none", () => {
    expect(conditionsOf({ ...AT_MAX, notify: false }, "nothing")).toEqual([]);
  });

  it("of a stream nobody reads says so", () => {
    const nobody = { evidence: { ...evidence, iteratorAgeMs: null } };
    expect(contextOf("orders", nobody, history(), { trigger: "schedule" }).work).toContainEqual({
      name: "Consumers",
      value: "nobody reads it",
    });
  });
});
