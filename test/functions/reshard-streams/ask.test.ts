import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import type { Decision } from "../../../functions/reshard-streams/model/decision.ts";
import { permitDecision } from "../../../functions/reshard-streams/run/permit.ts";
import { answerRequest } from "../../../shared/approvals/answer-request.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import { MemoryRequests } from "../../shared/approvals/memory-requests.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import { askingRun } from "../../shared/notify/asks.ts";
import { type Account, alarm, createAccount, tick } from "./account.ts";
import { CHANGES } from "./notify/decisions.ts";
import { HOUR, MINUTE, NOW, policy as policyOf } from "./stream.ts";

const ANNA = "arn:aws:sts::123456789012:assumed-role/admin/anna";

let db: LedgerTable;
let account: Account;
let look: (config?: object) => Promise<unknown>;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());
beforeEach(async () => {
  account = await createAccount(db);
  account.stream("orders", { open: 1, traffic: { demand: 0.95 } });
  look = (config = {}) =>
    account.process({ orders: { max: 8, mode: "ask", ...config } }).invoke(alarm("orders"));
});

const history = () => account.ledger.history("stream/orders", 0);
const headlines = () => account.notifications.map(({ state, headline }) => `${state}: ${headline}`);
const approvals = () => account.notifications.flatMap(({ approval }) => approval ?? []);
async function answer(said: "approved" | "rejected", id = approvals().at(-1)?.id ?? "") {
  return answerRequest(id, { said, by: ANNA, at: account.now() }, account.requests);
}
async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    account.wait(MINUTE);
    await look();
  }
}

describe("mode ask", () => {
  it("asks once, with reasons, numbers, cost and how to answer, and changes nothing until somebody approves", async () => {
    await look();
    await minutes(30);
    expect(account.changes).toEqual([]);
    expect(headlines()).toEqual([
      "begin: orders: asks to approve 1 -> 2 shards (UpdateShardCount) until 2026-11-21 13:00 UTC",
    ]);
    const [asked] = account.notifications;
    expect(asked).toMatchObject({
      severity: "warning",
      costPerMonth: { before: 10.95, after: 21.9 },
      done: { what: "nothing" },
      approval: {
        until: "2026-11-21T13:00:00.000Z",
        approve: `reflex approve ${asked?.approval?.id} --stage test`,
        reject: `reflex reject ${asked?.approval?.id} --stage test`,
      },
    });
    expect(asked?.reasons[0]).toContain("1");
    expect(asked?.resourceMetrics.length).toBeGreaterThan(0);
    expect((await history()).lastDecision).toMatchObject({ verdict: "scale-out", held: "ask" });
  });

  it("does what was approved at the next look, once, and says by whom", async () => {
    await look();
    expect(await answer("approved")).toMatchObject({ kind: "taken" });
    await minutes(1);
    expect(account.changes).toMatchObject([{ from: 1, to: 2 }]);
    const [{ intent } = { intent: undefined }] = (await history()).entries;
    expect(intent?.approval).toMatchObject({ id: approvals()[0]?.id, by: ANNA });
    expect(account.notifications.at(-1)?.reasons.join()).toContain(
      "approved by anna at 2026-11-21 12:00 UTC",
    );
    expect(await answer("approved")).toMatchObject({ kind: "refused", why: expect.stringContaining("anna") });
    const { entries } = await account.ledger.history("approval/stream/orders", 0);
    expect(entries).toMatchObject([{ intent: { action: "reflex:approve", trigger: ANNA } }]);
  });

  it("asks again for the next step: an approval is for one change", async () => {
    account.stream("orders", { open: 1, traffic: { demand: 3 } });
    await look();
    await answer("approved");
    await minutes(3);
    expect(account.changes).toMatchObject([{ from: 1, to: 2 }]);
    expect(approvals()).toHaveLength(2);
  });

  it("does not do what was approved when the world has changed, and says so", async () => {
    await look();
    await answer("approved");
    account.stream("orders", { open: 1, traffic: { demand: 0.4 } });
    await minutes(3);
    expect(account.changes).toEqual([]);
    expect(headlines().filter((one) => one.includes("not right any more"))).toEqual([
      expect.stringMatching(
        /^action: orders: anna approved 1 -> 2 shards \(UpdateShardCount\) at 2026-11-21 12:00 UTC, which is not right any more: .+ Nothing was done$/,
      ),
    ]);
    // Also when it would be right again: that was said.
    account.stream("orders", { open: 1, traffic: { demand: 0.95 } });
    await minutes(1);
    expect(account.changes).toEqual([]);
  });

  it("asks anew where another change is right at approval, and says what became of the first", async () => {
    await look();
    await answer("approved");
    account.stream("orders", { open: 2, traffic: { demand: 3.5 } });
    await minutes(1);
    expect(account.changes).toEqual([]);
    expect(approvals()).toHaveLength(2);
    expect(account.notifications.at(-1)?.reasons.join()).toContain(
      "anna approved 1 -> 2 shards (UpdateShardCount) at 2026-11-21 12:00 UTC, which is not right any more",
    );
  });

  it("lapses where nobody answers within askFor, and says so once; a late answer is refused", async () => {
    await look({ askFor: "10m" });
    for (let minute = 0; minute < 20; minute += 1) {
      account.wait(MINUTE);
      await look({ askFor: "10m" });
    }
    expect(headlines().slice(1)).toEqual([
      expect.stringContaining("nobody answered within 10 min: nothing was changed"),
    ]);
    expect(await answer("approved")).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("lapsed"),
    });
    await look();
    expect(account.changes).toEqual([]);
  });

  it("keeps to a rejection for a day, unless more is needed", async () => {
    await look();
    await answer("rejected");
    await minutes(10);
    expect(headlines().slice(1)).toEqual([expect.stringContaining("rejected by anna")]);
    account.stream("orders", { open: 1, traffic: { demand: 0.95 } });
    account.wait(23 * HOUR);
    await look();
    expect(approvals()).toHaveLength(1);
    account.wait(HOUR);
    await look();
    expect(approvals()).toHaveLength(2);
    expect(account.changes).toEqual([]);
  });

  it("is set for each direction: it may act at once on the one and ask for the other", async () => {
    await look({ mode: { scaleOut: "act", scaleIn: "ask" } });
    expect(account.changes).toMatchObject([{ from: 1, to: 2 }]);
    account.stream("calm", { open: 8, traffic: { demand: 0.1 } });
    const process = account.process({ calm: { max: 8, mode: { scaleOut: "act", scaleIn: "ask" } } });
    await process.invoke(alarm("calm"));
    expect(account.changes).toHaveLength(1);
    expect(approvals()).toMatchObject([{ id: expect.stringMatching(/^stream\/calm\//) }]);
  });

  it("is looked at each minute while it waits, so that an approval is acted on within one", async () => {
    const process = account.process({ orders: { max: 8, mode: "ask", scanIntervalMinutes: 30 } });
    await process.invoke(alarm("orders"));
    await answer("approved");
    account.wait(MINUTE);
    await process.invoke(tick());
    expect(account.changes).toHaveLength(1);
  });

  it("acts once on one approval, however many runs find it at the same moment", async () => {
    await look();
    await answer("approved");
    account.wait(MINUTE);
    await Promise.allSettled([look(), look(), look()]);
    await minutes(2);
    expect(account.changes).toHaveLength(1);
  });

  it("does not act twice on it when the first run dies, whatever the stream looks like then", async () => {
    await look();
    await answer("approved");
    account.wait(MINUTE);
    const dead = account.fail("UpdateShardCount", "before", "die");
    void look();
    await dead;
    account.wait(2 * MINUTE);
    await look();
    await minutes(2);
    expect(account.changes).toEqual([]);
    expect(approvals()).toHaveLength(2);
  });
});

describe("a lever under mode ask", () => {
  const ON_DEMAND = { open: 4, mode: "ON_DEMAND" } as const;
  test.each([
    [
      "warm throughput",
      () => account.commit(),
      { ...ON_DEMAND, traffic: { demand: 6 } },
      {},
      /asks to approve 0 -> 8 MiB\/s of warm throughput \(UpdateStreamWarmThroughput\)/,
      { call: "UpdateStreamWarmThroughput" },
    ],
    [
      "the distribution of records",
      () => {},
      { ...ON_DEMAND, open: 8, traffic: { demand: 0.1, throttled: 900 } },
      { distribution: "auto" },
      /asks to approve .*UpdateStreamRecordDistributionStrategy/,
      { call: "UpdateStreamRecordDistributionStrategy" },
    ],
  ])(
    "%s is asked for, changed once it is approved, and only then",
    async (_, prepare, stream, config, headline, change) => {
      prepare();
      account.stream("orders", stream);
      const own = { max: 40, ...config };
      const run = async () => {
        account.wait(MINUTE);
        await look(own);
      };
      for (let minute = 0; minute < 3; minute += 1) await run();
      expect(account.changes).toEqual([]);
      expect(headlines()).toEqual([expect.stringMatching(headline)]);
      await answer("approved");
      for (let minute = 0; minute < 3; minute += 1) await run();
      expect(account.changes).toMatchObject([change]);
    },
  );

  test("the capacity mode is one change for each mode: what was approved for the one is not for the other", async () => {
    const requests = new MemoryRequests();
    const permit = async (decision: Decision, history: History, minutes: number) => {
      const observedAt = NOW + minutes * MINUTE;
      const cause = { kind: "alarm", text: "alarm", mode: undefined, at: observedAt } as const;
      const deps = { mode: "ask", requests } as const;
      const run = askingRun("reshard-streams");
      return (await permitDecision(decision, policyOf(), history, { cause, run, deps, observedAt })).permit;
    };
    const past = await account.ledger.history("stream/orders", 0);
    const asked = await permit(CHANGES.UpdateStreamMode, past, 0);
    expect(asked).toMatchObject({ kind: "ask", request: { change: { what: "UpdateStreamMode ON_DEMAND" } } });
    const { id } = requests.of("stream/orders") ?? expect.unreachable();
    await answerRequest(id, { said: "approved", by: ANNA, at: NOW + MINUTE }, requests);
    const approved = { ...past, request: requests.of("stream/orders") };
    expect(await permit(CHANGES.UpdateStreamMode, approved, 2)).toMatchObject({
      ...{ kind: "act", approval: { by: ANNA } },
    });
    const back = { ...CHANGES.UpdateStreamMode, mode: "PROVISIONED" } as Decision;
    expect((await permit(back, approved, 2)).kind).not.toBe("act");
  });
});
