import { KinesisServiceException } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import { type Account, createAccount, tick } from "./account.ts";
import { HOUR, MINUTE } from "./stream.ts";

const CONFIG = { orders: { max: 8 } };
/** At its max, and refusing writes. */
const AT_MAX = { open: 8, inAlarm: true, traffic: { demand: 20, throttled: 90_000 } };
const CALM = { inAlarm: true, traffic: { demand: 5, throttled: 0 } };

let db: LedgerTable;
let account: Account;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());
beforeEach(async () => {
  account = await createAccount(db);
});

const throttled = () => Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });

/** So many sweeps, one each five minutes; SNS takes nothing where it is `away`. */
async function sweeps(count: number, sns: "well" | "away" = "well"): Promise<void> {
  for (let sweep = 0; sweep < count; sweep += 1) {
    account.wait(5 * MINUTE);
    if (sns === "away") void account.fail("Publish", "before", throttled());
    // A run that could not notify fails, and says so.
    await account
      .process(CONFIG)
      .invoke(tick())
      .catch(() => {});
  }
}

const atMax = () =>
  account.notifications
    .filter(({ incident }) => incident?.code === "at-max")
    .map(({ state, incident }) => `${state} ${incident?.sequence} ${incident?.id}`);

describe("while SNS takes nothing for an hour", () => {
  it("an incident that begins and is over reaches people afterwards: its beginning, then its end, once each", async () => {
    account.stream("orders", AT_MAX);
    await sweeps(6, "away");
    account.stream("orders", CALM);
    await sweeps(6, "away");
    expect(account.notifications).toEqual([]);
    // What was not thrown of the refusals meets the first sweeps of these.
    await sweeps(15);
    const [begin = "", end = "", ...more] = atMax();
    expect([begin.split(" ", 2), end.split(" ", 2), more]).toEqual([["begin", "1"], ["end", "2"], []]);
    expect(end.split(" ")[2]).toBe(begin.split(" ")[2]);
    const ids = account.notifications.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

it("a second incident of a day is one of its own: begin, end, begin", async () => {
  account.stream("orders", AT_MAX);
  await sweeps(3);
  account.stream("orders", CALM);
  await sweeps(4);
  account.wait(5 * HOUR);
  account.stream("orders", AT_MAX);
  await sweeps(3);
  const events = atMax();
  expect(events.map((event) => event.split(" ")[0])).toEqual(["begin", "end", "begin"]);
  expect(new Set(events.map((event) => event.split(" ")[2])).size).toBe(2);
});

it("calls that AWS answers with an error for twenty minutes are notified of once: whether each was taken is looked up in between", async () => {
  account.stream("orders", { open: 2, inAlarm: true, traffic: { demand: 1.9 } });
  for (let minutes = 0; minutes < 20; minutes += 1) {
    account.wait(MINUTE);
    const error = { name: "InternalFailureException", message: "no", $fault: "server" as const };
    void account.fail("UpdateShardCount", "before", new KinesisServiceException({ ...error, $metadata: {} }));
    await account.process(CONFIG).invoke(tick());
  }
  expect(account.notifications.map(({ state, headline }) => [state, headline])).toEqual([
    [
      "begin",
      expect.stringContaining("UpdateShardCount for stream/orders failed with InternalFailureException"),
    ],
  ]);
});

it.each([
  ["a record", 1, {}, "resharding-does-not-help"],
  ["a burst at max", 90_000, { open: 8, traffic: { demand: 5.2 } }, "at-max"],
  ["a burst on demand", 90_000, { mode: "ON_DEMAND" as const }, "on-demand"],
])(
  "%s that is refused every half hour is one matter: people hear of it once, and of its end once",
  async (_, refused, facts, code) => {
    const from = account.now();
    const throttledAt = (at: number) =>
      at < from + 1.5 * HOUR && Math.floor((at - from) / MINUTE) % 30 === 4 ? refused : 0;
    const stream = account.stream("orders", { open: 4, traffic: { demand: 3 }, ...facts });
    stream.traffic = { ...stream.traffic, throttledAt };
    await sweeps(35);
    const told = account.notifications.map(({ state, incident }) => `${state} ${incident?.code}`);
    expect(told).toEqual([`begin ${code}`, `end ${code}`]);
    expect(account.changes).toEqual([]);
  },
);
