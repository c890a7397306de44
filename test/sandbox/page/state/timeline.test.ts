import { describe, expect, it } from "vitest";
import type { Invocation } from "../../../../sandbox/lambda/function.ts";
import { timeline } from "../../../../sandbox/page/state/timeline.ts";
import type { History, Intent } from "../../../../shared/ledger/entry.ts";

const NOTHING = { ledger: [], invocations: [], alarmHistory: [], published: [] };
const TRACE = "1-00000001-000000000000000000000001";

const intent: Intent = {
  id: "i1",
  at: 1000,
  automation: "reshard-streams",
  action: "kinesis:UpdateShardCount",
  direction: "out",
  from: 1,
  to: 2,
  reasons: ["the peak needs 2 shards"],
  evidence: { utilisation: 1.2 },
  trigger: "alarm orders (ALARM)",
  traceId: TRACE,
};

const history = (changed: Partial<History>): History => ({
  resource: "stream/orders",
  version: 1,
  entries: [],
  ...changed,
});

const run = (at: number, payload: object, traceId = TRACE): Invocation => ({
  functionName: "reflex-dev-reshard-streams",
  requestId: `r${at}`,
  attempt: 1,
  at,
  durationMs: 1,
  result: { ok: true, payload: JSON.stringify(payload) },
  log: [],
  traceHeader: `Root=${traceId};Parent=0000000000000001;Sampled=1`,
});

const looked = (at: number, verdict: string, action = "none", traceId?: string): Invocation =>
  run(
    at,
    { streams: [{ stream: "orders", trigger: "schedule", verdict, action, reasons: [`it is ${verdict}`] }] },
    traceId,
  );

describe("the timeline", () => {
  it("shows an entry of the ledger with its reasons, its evidence and its outcome", () => {
    const entries = [{ intent, outcome: { result: "refused" as const, at: 1100, detail: "LimitExceeded" } }];
    expect(timeline({ ...NOTHING, ledger: [history({ entries })] })).toEqual([
      {
        id: "change stream/orders i1",
        kind: "change",
        at: 1000,
        resource: "stream/orders",
        title: "UpdateShardCount 1 → 2",
        outcome: "refused",
        reasons: ["the peak needs 2 shards", "LimitExceeded"],
        evidence: { utilisation: 1.2 },
        trigger: "alarm orders (ALARM)",
        traceId: TRACE,
      },
    ]);
  });

  it("offers to undo a change that was applied, until it is undone; what a person did to Reflex is no change of a size", () => {
    const applied = { result: "applied" as const, at: 1100 };
    const undo: Intent = { ...intent, id: "i2", at: 2000, evidence: { undoes: "i1" } };
    const pause: Intent = {
      ...intent,
      id: "i3",
      at: 3000,
      automation: "operator",
      action: "reflex:pause",
      from: 0,
      to: 0,
    };
    const offered = (...intents: readonly Intent[]) => {
      const entries = intents.map((each) => ({ intent: each, outcome: applied }));
      return timeline({ ...NOTHING, ledger: [history({ entries })] }).map(({ title, undo: id }) => [
        title,
        id,
      ]);
    };
    expect(offered(intent)).toEqual([["UpdateShardCount 1 → 2", "i1"]]);
    expect(offered(intent, undo, pause)).toEqual([
      ["pause", undefined],
      ["UpdateShardCount 1 → 2", undefined],
      ["UpdateShardCount 1 → 2", undefined],
    ]);
  });

  it("shows an intent without an outcome as in progress", () => {
    const [entry] = timeline({ ...NOTHING, ledger: [history({ pending: intent })] });
    expect(entry).toMatchObject({ title: "UpdateShardCount 1 → 2", outcome: "in progress" });
  });

  it("shows once what is in the ledger and in the answer of the run", () => {
    const ledger = [history({ entries: [{ intent, outcome: { result: "applied", at: 1100 } }] })];
    const invocations = [looked(1000, "scale-out", "UpdateShardCount 1 -> 2")];
    expect(timeline({ ...NOTHING, ledger, invocations })).toHaveLength(1);
  });

  it("puts the same decision several times in a row into one entry, at the last time", () => {
    const invocations = [looked(1000, "on-target"), looked(2000, "on-target"), looked(3000, "at-max")];
    expect(timeline({ ...NOTHING, invocations })).toMatchObject([
      { kind: "decision", title: "at-max", at: 3000, times: 1 },
      { kind: "decision", title: "on-target", at: 2000, times: 2 },
    ]);
  });

  it("keeps the identity of an entry that is repeated, so that it stays where it is", () => {
    const before = timeline({ ...NOTHING, invocations: [looked(1000, "on-target")] });
    const after = timeline({
      ...NOTHING,
      invocations: [looked(1000, "on-target"), looked(2000, "on-target")],
    });
    expect(after[0]?.id).toBe(before[0]?.id);
  });

  it("shows a site's change with what was found", () => {
    const reported = run(1000, {
      notified: ["shop: UP -> DOWN"],
      notUp: ["shop: DOWN: status is 500, expected 200"],
    });
    expect(timeline({ ...NOTHING, invocations: [reported] })).toMatchObject([
      { kind: "change", resource: "site/shop", title: "UP → DOWN", reasons: ["status is 500, expected 200"] },
    ]);
  });

  it("shows a run that failed with its error", () => {
    const error = { errorType: "Misconfigured", errorMessage: "max: found ten" };
    const failed: Invocation = { ...looked(1000, ""), result: { ok: false, ended: "error", error } };
    expect(timeline({ ...NOTHING, invocations: [failed] })).toMatchObject([
      { kind: "failure", title: "error: Misconfigured", reasons: ["max: found ten"] },
    ]);
  });

  it("shows an alarm's change of state with CloudWatch's words, and not its actions", () => {
    const data = JSON.stringify({ newState: { stateValue: "ALARM", stateReason: "Threshold Crossed" } });
    const change = { alarmName: "orders", at: 1000, summary: "Alarm updated from OK to ALARM", data };
    const alarmHistory = [
      { ...change, type: "StateUpdate" as const },
      { ...change, type: "Action" as const },
    ];
    expect(timeline({ ...NOTHING, alarmHistory })).toMatchObject([
      { kind: "alarm", resource: "alarm/orders", title: "OK → ALARM", reasons: ["Threshold Crossed"] },
    ]);
  });

  it("is newest first", () => {
    const invocations = [looked(1000, "a"), looked(3000, "b"), looked(2000, "c")];
    expect(timeline({ ...NOTHING, invocations }).map(({ at }) => at)).toEqual([3000, 2000, 1000]);
  });

  it("passes over the answer of a function that decides nothing", () => {
    expect(timeline({ ...NOTHING, invocations: [run(1000, { batchItemFailures: [] })] })).toEqual([]);
  });
});
