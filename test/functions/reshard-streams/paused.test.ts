import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import { type Account, alarm, createAccount } from "./account.ts";
import { HOUR, MINUTE } from "./stream.ts";

let db: LedgerTable;
let account: Account;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());
beforeEach(async () => {
  account = await createAccount(db);
  account.stream("orders", { open: 1, traffic: { demand: 0.95 } });
});

const look = () => account.process({ orders: { max: 8 } }).invoke(alarm("orders"));

it.each(["all", "reshard-streams", "stream/orders"])(
  "a pause of %s holds the change back, says who, until when and why, and ends by itself",
  async (scope) => {
    await account.pause(scope, HOUR);
    const { streams, later } = await look();
    expect(streams).toMatchObject([{ verdict: "scale-out", action: "none" }]);
    expect([later, account.changes]).toEqual([[], []]);
    const what = scope === "all" ? "everything" : scope;
    const until = `${new Date(account.now() + HOUR).toISOString().slice(0, 16).replace("T", " ")} UTC`;
    expect(account.notifications.map(({ headline }) => headline)).toEqual([
      `orders: 1 -> 2 shards (scale-out) is not done: ${what} is paused until ${until} by anna: a deploy`,
    ]);

    account.wait(HOUR);
    await look();
    expect(account.changes).toMatchObject([{ from: 1, to: 2 }]);
  },
);

it("is notified again for the next pause, and only once for each", async () => {
  await account.pause("stream/orders", 2 * MINUTE);
  await look();
  account.wait(MINUTE);
  await look();
  await account.pause("stream/orders", HOUR);
  await look();
  expect(account.notifications).toHaveLength(2);
});

it("is kept with the decision, and so is each verdict that follows", async () => {
  await account.pause("all", HOUR);
  await look();
  account.wait(MINUTE);
  await look();
  const { lastDecision } = await account.ledger.history("stream/orders", 0);
  expect(lastDecision).toMatchObject({
    at: account.now() - MINUTE,
    verdict: "scale-out",
    held: "paused",
    automation: "reshard-streams",
  });
});

it("costs no call more: what the change reads beside the lease, it need not read for its incidents", async () => {
  await look();
  expect(account.calls.filter((call) => call === "GetItem")).toHaveLength(1);
});

it("a look that comes to the same again writes nothing and reads nothing but its history", async () => {
  account.stream("orders", { open: 1, traffic: { demand: 0.4 } });
  await look();
  account.wait(MINUTE);
  const before = account.calls.length;
  await look();
  const stores = account.calls.slice(before).filter((call) => /Item|Query/.test(call));
  expect(stores).toEqual(["Query"]);
});
