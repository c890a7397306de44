import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { createKeptValue } from "../../../shared/ledger/kept-value.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { createOutbox, type Outbox } from "../../../shared/ledger/outbox.ts";
import { scaleOut } from "../notify/notifications.ts";
import { intent } from "./intents.ts";
import { type LedgerTable, startLedgerTable } from "./table.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const OPTIONS = { table: "no-such-table", leaseMs: 90_000, keepMs: 1e9 };
const { signal } = new AbortController();

let db: LedgerTable;
let ledger: Ledger;
let outbox: Outbox;
beforeAll(async () => {
  db = await startLedgerTable();
  ledger = createLedger(db.client, OPTIONS);
  outbox = createOutbox(db.client, OPTIONS);
});
afterAll(() => db.stop());

const planned = intent("a", NOW);
const applied = { result: "applied", at: NOW + 1 } as const;
const seen = { resource: "stream/a", version: 0, entries: [] };
const lease = { resource: "stream/a", holder: "a", version: 0, intent: planned, outbox: undefined };
const value = () => createKeptValue(db.client, OPTIONS.table, "status", z.string());
const claim = { now: NOW, until: NOW + 1 };
const record = { resource: "stream/a", version: 0, incidents: {}, waiting: [] };
const sent = { resource: "stream/a", sortKey: "head", mark: "m", notifications: [scaleOut()] };
const own = () => createLedger(db.client, { ...OPTIONS, pauses: "ignored" });

describe("a table that is not there: the error names the call that failed, and of what", () => {
  it.each<[string, () => Promise<unknown>, string, string?]>([
    ["history", () => ledger.history("stream/a", 0), "Query"],
    ["begin", () => own().begin(seen, planned, "a"), "UpdateItem"],
    ["begin, whose lease is first", () => ledger.begin(seen, planned, "a"), "UpdateItem"],
    ["finish", () => ledger.finish(lease, applied), "PutItem"],
    ["recover", () => ledger.recover({ ...seen, pending: planned }, applied), "PutItem"],
    [
      "recover, where the entry is written already",
      () =>
        ledger.recover(
          { ...seen, pending: planned, entries: [{ intent: planned, outcome: applied }] },
          applied,
        ),
      "UpdateItem",
    ],
    ["pauses", () => ledger.pauses(), "GetItem", "pauses"],
    [
      "keepDecision",
      () =>
        ledger.keepDecision("stream/a", {
          ...{ at: NOW, automation: "reshard-streams", verdict: "on-target" },
          ...{ reasons: [], evidence: {}, trigger: "schedule" },
        }),
      "PutItem",
    ],
    ["keepProfile", () => ledger.keepProfile("stream/a", "p", NOW), "PutItem"],
    ["noteChanging", () => ledger.noteChanging("stream/a", NOW), "UpdateItem"],
    ["a kept value's read", () => value().read("stream/a", signal), "GetItem"],
    ["a kept value's write", () => value().write("stream/a", "v", signal), "PutItem"],
    ["incidents", () => outbox.incidents("stream/a"), "GetItem"],
    ["writeIncidents", () => outbox.writeIncidents(record, {}, [scaleOut()], claim), "UpdateItem"],
    ["claimWaiting", () => outbox.claimWaiting(claim), "Query", "the outbox"],
    ["remove", () => outbox.remove({ ...sent, rest: "none" }), "UpdateItem"],
    ["remove, where others wait too", () => outbox.remove({ ...sent, rest: "some" }), "UpdateItem"],
  ])("%s", async (_, call, operation, resource = "stream/a") => {
    await expect(call()).rejects.toMatchObject({
      name: "Misconfigured",
      call: `dynamodb:${operation}`,
      resource,
    });
  });
});

/** Answers one operation with an error, as often as it is called, while `during` goes on. */
async function whileFailing(operation: string, name: string, during: () => Promise<unknown>) {
  db.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === `${operation}Command`) throw Object.assign(new Error("no"), { name });
        return next(args);
      },
    { step: "initialize", name: "Fail" },
  );
  try {
    return await during();
  } finally {
    db.client.middlewareStack.remove("Fail");
  }
}

describe("a change whose end cannot be written", () => {
  it.each(["PutItem", "UpdateItem"])("fails and names what is not permitted: %s", async (operation) => {
    const good = createLedger(db.client, { ...OPTIONS, table: db.table });
    const name = `stream/end-${operation}`;
    const begun = await good.begin(await good.history(name, 0), planned, "a");
    const ended = whileFailing(operation, "AccessDeniedException", () => good.finish(begun, applied));
    await expect(ended).rejects.toMatchObject({
      name: "Blocked",
      call: `dynamodb:${operation}`,
      resource: name,
    });
    expect(await good.history(name, 0)).toMatchObject({ pending: { id: "a" }, version: 0 });
  });

  it("of a dead run, which cannot be read either, fails and names what is not permitted", async () => {
    const good = createLedger(db.client, { ...OPTIONS, table: db.table });
    const name = "stream/end-read";
    const begun = await good.begin(await good.history(name, 0), planned, "a");
    const dies = whileFailing("UpdateItem", "Killed", () => good.finish(begun, applied));
    await expect(dies).rejects.toThrow();
    const later = { result: "lost", at: NOW + 90_000 } as const;
    // So late that the dead run's entry is not among what was read.
    const look = await good.history(name, NOW + 1);
    const recovered = whileFailing("GetItem", "AccessDeniedException", () => good.recover(look, later));
    await expect(recovered).rejects.toMatchObject({
      name: "Blocked",
      call: "dynamodb:GetItem",
      resource: name,
    });
  });

  it("of a dead run, whose entry stands in the way and is gone when it is read, is for the next run", async () => {
    const good = createLedger(db.client, { ...OPTIONS, table: db.table });
    const name = "stream/end-gone";
    await good.begin(await good.history(name, 0), planned, "a");
    const look = await good.history(name, 0);
    db.client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName !== "PutItemCommand") return next(args);
          throw new ConditionalCheckFailedException({ message: "no", $metadata: {} });
        },
      { step: "initialize", name: "Fail" },
    );
    await expect(good.recover(look, { result: "lost", at: NOW + 90_000 })).rejects.toMatchObject({
      name: "RetryLater",
      resource: name,
      message: expect.stringContaining("another run has recovered"),
    });
    db.client.middlewareStack.remove("Fail");
    expect((await good.history(name, 0)).pending).toMatchObject({ id: "a" });
  });
});
