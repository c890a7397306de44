import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Incident } from "../../../../shared/incidents/incident.ts";
import { createLedger } from "../../../../shared/ledger/ledger.ts";
import { type ClaimedItem, createOutbox, type Outbox } from "../../../../shared/ledger/outbox.ts";
import { byEvent, entryName, itemKey } from "../../../../shared/ledger/outbox-item.ts";
import type { Notification } from "../../../../shared/notify/notification.ts";
import { scaleOut } from "../../notify/notifications.ts";
import { intent } from "../intents.ts";
import { type LedgerTable, startLedgerTable } from "../table.ts";

const NOON = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const KEEP_MS = 3_600_001;
const RESOURCE = "stream/orders";

let db: LedgerTable;
let table: string;
let outbox: Outbox;
beforeAll(async () => {
  db = await startLedgerTable();
});
beforeEach(async () => {
  table = await db.another();
  outbox = createOutbox(db.client, { table, keepMs: KEEP_MS });
});
afterAll(() => db.stop());

const event = (id: string, at = NOON): Notification => scaleOut({ id, at: new Date(at).toISOString() });

const incidentItem = async () =>
  (await db.client.send(new GetItemCommand({ TableName: table, Key: itemKey(RESOURCE, "incidents") }))).Item;

const ids = (item: ClaimedItem | undefined) => item?.notifications.map(({ id }) => id);

/** Claims what waits, in a run that lives for a minute. */
const claimAt = (now: number) => outbox.claimWaiting({ now, until: now + MINUTE });

async function write(notifications: readonly Notification[], now = NOON, resource = RESOURCE) {
  const before = await outbox.incidents(resource);
  return outbox.writeIncidents(before, {}, notifications, { now, until: now + MINUTE });
}

describe("incidents", () => {
  it("are read as they were written, a version higher with each write", async () => {
    const incident: Incident = {
      ...{ key: "at-max", kind: "condition", id: "i", code: "at-max", text: "it is at max" },
      ...{ severity: "warning", since: NOON, sequence: 1, causes: {} },
    };
    await write([]);
    const second = await outbox.incidents(RESOURCE);
    await outbox.writeIncidents(second, { "at-max": incident }, [], { now: NOON, until: NOON + MINUTE });
    expect(await outbox.incidents(RESOURCE)).toEqual({
      resource: RESOURCE,
      version: 2,
      incidents: { "at-max": incident },
      waiting: [],
    });
  });

  it("are kept from the last write on, to the end of a second", async () => {
    await write([]);
    expect((await incidentItem())?.expiresAt).toEqual({ N: String(NOON / 1000 + 3601) });
  });

  it("of another version begin again, and what waits stays", async () => {
    await write([event("a")]);
    const body = { S: '{"at-max":7}' };
    const Item = { ...(await incidentItem()), ...itemKey(RESOURCE, "incidents"), body };
    await db.client.send(new PutItemCommand({ TableName: table, Item }));
    const { incidents, waiting, version } = await outbox.incidents(RESOURCE);
    expect({ incidents, version }).toEqual({ incidents: {}, version: 1 });
    expect(waiting.map(({ notification }) => notification.id)).toEqual(["a"]);
  });

  it("without a notification are in nobody's way: nothing waits", async () => {
    const written = await write([]);
    expect(written).toMatchObject({ sortKey: "incidents", notifications: [], rest: "none" });
    if (written) await outbox.remove(written);
    expect(await claimAt(NOON + MINUTE)).toEqual({ claimed: [] });
  });
});

describe("what waits", () => {
  it("is told with the time of the oldest, also of what another run may be sending", async () => {
    await write([event("late", NOON + 5)], NOON, "stream/a");
    await write([event("early", NOON - 5)], NOON, "stream/b");
    expect(await claimAt(NOON)).toEqual({ claimed: [], oldestAt: NOON - 5 });
    const { claimed, oldestAt } = await claimAt(NOON + MINUTE);
    expect(claimed.map(({ resource }) => resource).toSorted()).toEqual(["stream/a", "stream/b"]);
    expect(oldestAt).toBe(NOON - 5);
  });

  it("is read until there are fifty items: what is younger waits for the next run", async () => {
    const client = new DynamoDBClient({});
    const many = mockClient(client);
    const page = Array.from({ length: 25 }, (_, at) => ({
      ...itemKey(`stream/s${at}`, "head"),
      [entryName("a")]: { S: JSON.stringify({ notification: event("a"), claimedUntil: NOON + 1 }) },
    }));
    many.on(QueryCommand).resolves({ Items: page, LastEvaluatedKey: itemKey("stream/s24", "head") });
    const busy = createOutbox(client, { table, keepMs: KEEP_MS });
    await busy.claimWaiting({ now: NOON, until: NOON + MINUTE });
    expect(many.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input.Limit)).toEqual([50, 50]);
  });

  it("is removed in one call where nothing was added", async () => {
    const written = await write([event("a")]);
    db.calls.length = 0;
    if (written) await outbox.remove(written);
    expect(db.calls).toEqual(["UpdateItem"]);
    expect((await claimAt(NOON + MINUTE)).claimed).toEqual([]);
  });

  it("in an item of which nothing is left to send leaves the index", async () => {
    const Item = { ...itemKey(RESOURCE, "head"), outbox: { S: "waiting" }, outboxMark: { S: "m" } };
    await db.client.send(new PutItemCommand({ TableName: table, Item }));
    const { claimed, oldestAt } = await claimAt(NOON);
    expect([claimed.map(ids), oldestAt]).toEqual([[[]], undefined]);
    for (const item of claimed) await outbox.remove(item);
    expect((await claimAt(NOON + MINUTE)).claimed).toEqual([]);
  });

  it("cannot be claimed without permission, which is said", async () => {
    await write([event("a")]);
    db.client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName !== "UpdateItemCommand") return next(args);
          throw Object.assign(new Error("no"), { name: "AccessDeniedException" });
        },
      { step: "initialize", name: "Deny" },
    );
    await expect(claimAt(NOON + MINUTE)).rejects.toMatchObject({
      name: "Blocked",
      call: "dynamodb:UpdateItem",
      resource: RESOURCE,
    });
    db.client.middlewareStack.remove("Deny");
  });

  it("is claimed together with the claims of those before it, which are over", async () => {
    await write([event("a")]);
    for (let round = 1; round <= 3; round += 1) {
      const { claimed } = await claimAt(NOON + round * MINUTE);
      expect(claimed.flatMap(ids)).toEqual(["a"]);
    }
  });

  it("leaves the index only once all of it was sent: what was added while it was sent comes next", async () => {
    const first = await write([event("a"), event("b", NOON + 1)]);
    expect(first).toMatchObject({ rest: "none" });
    const added = await write([event("c", NOON + 2)], NOON + 1);
    expect(added).toMatchObject({ notifications: [], rest: "some" });
    if (added) await outbox.remove(added);
    if (first) await outbox.remove(first);
    const { claimed } = await claimAt(NOON + 2 * MINUTE);
    expect(claimed.flatMap(ids)).toEqual(["c"]);
    for (const item of claimed) await outbox.remove(item);
    expect(Object.keys((await incidentItem()) ?? {}).filter((name) => name.startsWith("outbox"))).toEqual([]);
  });

  it("of which a part was written by another version is sent as far as it can be read, and that part stays", async () => {
    await write([event("a")]);
    const name = entryName("from tomorrow");
    await db.client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: itemKey(RESOURCE, "incidents"),
        UpdateExpression: "SET #e = :e",
        ExpressionAttributeNames: { "#e": name },
        ExpressionAttributeValues: { ":e": { S: '{"form":2}' } },
      }),
    );
    const { claimed } = await claimAt(NOON + MINUTE);
    expect(claimed).toMatchObject([{ notifications: [{ id: "a" }], rest: "some" }]);
    for (const item of claimed) await outbox.remove(item);
    expect(Object.keys((await incidentItem()) ?? {})).toContain(name);
    // Nothing of it can be sent by this version: it is claimed no more.
    db.calls.length = 0;
    expect((await claimAt(NOON + 3 * MINUTE)).claimed).toEqual([]);
    expect(db.calls).toEqual(["Query"]);
  });

  it("is told of a change beside what waited before it", async () => {
    const ledger = createLedger(db.client, { table, leaseMs: MINUTE, keepMs: KEEP_MS });
    const change = async (id: string, at: number) => {
      const lease = await ledger.begin(await ledger.history(RESOURCE, 0), intent(id, at), id);
      const outgoing = { notification: event(id, at), claimedUntil: at + MINUTE };
      return ledger.finish(lease, { result: "applied", at }, undefined, outgoing);
    };
    const first = await change("a", NOON);
    expect(first).toMatchObject({ resource: RESOURCE, sortKey: "head", rest: "none" });
    expect((await ledger.history(RESOURCE, 0)).outbox).toBe("waiting");
    expect(await change("b", NOON + 1)).toMatchObject({ rest: "some" });
    if (first) await outbox.remove(first);
    expect((await claimAt(NOON + 2 * MINUTE)).claimed.flatMap(ids)).toEqual(["b"]);
  });
});

describe("notifications are in the order", () => {
  const of = (id: string, at: number, sequence?: number): Notification => ({
    ...event(id, at),
    ...(sequence !== undefined && {
      incident: { id: "i", sequence, code: "at-max", since: new Date(NOON).toISOString() },
    }),
  });

  it.each([
    ["of their time", of("b", NOON, 2), of("a", NOON + 1, 1)],
    ["of their number in the incident, within one moment", of("b", NOON, 9), of("a", NOON, 10)],
    ["with what belongs to no incident before what does", of("b", NOON), of("a", NOON, 1)],
    ["of their id, where nothing else tells", of("a", NOON, 1), of("b", NOON, 1)],
  ])("%s", (_, first, second) => {
    expect([second, first].toSorted(byEvent)).toEqual([first, second]);
    expect([first, second].toSorted(byEvent)).toEqual([first, second]);
  });
});
