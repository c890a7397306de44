import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { answerRequest } from "../../../shared/approvals/answer-request.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import { type Account, alarm, createAccount, tick } from "./account.ts";
import { HOUR, MINUTE } from "./stream.ts";

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
