import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outbox } from "../../../../shared/ledger/outbox.ts";
import { createOutbox } from "../../../../shared/ledger/outbox.ts";
import type { Notification } from "../../../../shared/notify/notification.ts";
import { scaleOut } from "../../notify/notifications.ts";
import { type LedgerTable, startLedgerTable } from "../table.ts";

const NOON = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const RESOURCE = "stream/orders";

let db: LedgerTable;
let outbox: Outbox;
beforeAll(async () => {
  db = await startLedgerTable();
});
beforeEach(async () => {
  outbox = createOutbox(db.client, { table: await db.another(), keepMs: 1e9 });
});
afterAll(() => db.stop());

const event = (sequence: number, now: number): Notification =>
  scaleOut({
    id: `incident/${sequence}`,
    at: new Date(now).toISOString(),
    state: "change",
    incident: { id: "incident", sequence, code: "at-max", since: new Date(NOON).toISOString() },
  });

/** A run that writes one event at `now`, and may be sending for a minute. */
async function write(sequence: number, now: number) {
  const before = await outbox.incidents(RESOURCE);
  return outbox.writeIncidents(before, {}, [event(sequence, now)], { now, until: now + MINUTE });
}

const ids = (items: readonly { readonly notifications: readonly Notification[] }[]) =>
  items.flatMap(({ notifications }) => notifications.map(({ id }) => id));

describe("what a run has written", () => {
  it("is its own to send as long as it lives, and another's after that; and is sent once it was removed", async () => {
    const first = await write(1, NOON);
    expect(ids(first ? [first] : [])).toEqual(["incident/1"]);
    const claimAt = (now: number) => outbox.claimWaiting({ now, until: now + MINUTE });
    expect(ids((await claimAt(NOON + MINUTE - 1)).claimed)).toEqual([]);
    const taken = await claimAt(NOON + MINUTE);
    expect(ids(taken.claimed)).toEqual(["incident/1"]);
    expect(ids((await claimAt(NOON + MINUTE)).claimed)).toEqual([]);
    for (const item of taken.claimed) await outbox.remove(item);
    expect(await claimAt(NOON + 10 * MINUTE)).toEqual({ claimed: [] });
  });

  it("waits behind what another run may be sending of the same resource: a beginning is read before its end", async () => {
    await write(1, NOON);
    const second = await write(2, NOON + 1);
    expect(ids(second ? [second] : [])).toEqual([]);
    const { claimed } = await outbox.claimWaiting({ now: NOON + 2 * MINUTE, until: NOON + 3 * MINUTE });
    expect(ids(claimed)).toEqual(["incident/1", "incident/2"]);
  });

  it("goes together with what a dead run left, in order", async () => {
    await write(1, NOON);
    const second = await write(2, NOON + 2 * MINUTE);
    expect(ids(second ? [second] : [])).toEqual(["incident/1", "incident/2"]);
  });

  it("stays when it was added while another run sent what came before it", async () => {
    const first = await write(1, NOON);
    await write(2, NOON + 1);
    if (first) await outbox.remove(first);
    const { claimed } = await outbox.claimWaiting({ now: NOON + 2 * MINUTE, until: NOON + 3 * MINUTE });
    expect(ids(claimed)).toEqual(["incident/2"]);
  });

  it("of two runs that read the same is written by one", async () => {
    const before = await outbox.incidents(RESOURCE);
    const claim = { now: NOON, until: NOON + MINUTE };
    const both = await Promise.all(
      [1, 2].map((one) => outbox.writeIncidents(before, {}, [event(one, NOON)], claim)),
    );
    expect(both.filter((one) => one === undefined)).toHaveLength(1);
  });

  it("is claimed by one of many sweeps at once", async () => {
    await write(1, NOON);
    const claim = { now: NOON + MINUTE, until: NOON + 2 * MINUTE };
    const all = await Promise.all(Array.from({ length: 5 }, () => outbox.claimWaiting(claim)));
    expect(all.flatMap(({ claimed }) => ids(claimed))).toEqual(["incident/1"]);
  });
});
