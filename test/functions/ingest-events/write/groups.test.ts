import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../functions/ingest-events/decode/json.ts";
import { plan } from "../../../../functions/ingest-events/plan/plan.ts";
import type { Answer, Answers, Table } from "../../../../functions/ingest-events/write/answer.ts";
import { batchesOf } from "../../../../functions/ingest-events/write/batches.ts";
import { classifyExisting } from "../../../../functions/ingest-events/write/classify-existing.ts";
import { together } from "../../../../functions/ingest-events/write/outcomes.ts";
import { pauseBeforeRetry } from "../../../../functions/ingest-events/write/time-budget.ts";
import { write } from "../../../../functions/ingest-events/write/write.ts";
import { budgetOfMs } from "../budgets.ts";
import { storedItem } from "../dynamo-answers.ts";
import { APPEND, APPEND_ONCE, LATEST } from "../policies.ts";
import { writesOf } from "../writes.ts";

const events = (count: number): JsonObject[] => Array.from({ length: count }, (_, at) => ({ id: `e${at}` }));
const groupsOf = (some: readonly JsonObject[], policy = APPEND) => plan(writesOf(some, policy), policy);
const DONE: Answer = { kind: "done" };
const AGAIN: Answer = { kind: "again", mayBeApplied: false };

/** A table that gives these answers to one call after the other; keys of each call are noted. */
function answering(...script: readonly ((count: number) => Answers)[]) {
  const calls: string[][] = [];
  const table: Table = {
    maxWrites: 25,
    callsInFlight: 1,
    write: async (writes) => {
      calls.push(writes.map(({ item }) => item.attributes.id?.S ?? ""));
      return (script[calls.length - 1] ?? ((count) => Array(count).fill(DONE)))(writes.length);
    },
  };
  return { table, calls };
}

const refused = (): Answers => ({ refusedTogether: "no" });

describe("a batch that DynamoDB refuses as a whole", () => {
  it("is halved until the item that is to blame is alone, and that is refused", async () => {
    const { table, calls } = answering(refused, refused, refused);
    const written = await write(groupsOf(events(3)), APPEND, table, budgetOfMs(1000));
    expect(calls).toEqual([["e0", "e1", "e2"], ["e0", "e1"], ["e0"], ["e1"], ["e2"]]);
    expect(written.refused.map(({ detail }) => detail)).toEqual(["DynamoDB refused it: no"]);
    expect([written.stored.length, written.unfinished.length]).toEqual([2, 0]);
  });

  it("goes on with the second event of the key whose first was refused", async () => {
    const { table, calls } = answering(refused);
    const groups = groupsOf([
      { id: "a", x: 1 },
      { id: "a", x: 2 },
    ]);
    const written = await write(groups, APPEND, table, budgetOfMs(1000));
    expect([calls.length, written.refused.length, written.stored.length]).toEqual([2, 1, 1]);
  });

  it("is halved only while there is time", async () => {
    const { table, calls } = answering(
      refused,
      () => [AGAIN, AGAIN],
      () => [AGAIN, AGAIN],
    );
    const budget = { ...budgetOfMs(1000), left: () => (calls.length < 2 ? 1000 : 0) };
    const written = await write(groupsOf(events(4)), APPEND, table, budget);
    expect(calls).toHaveLength(2);
    expect(written.unfinished).toHaveLength(4);
  });
});

describe("what is tried again", () => {
  it("waits shortly again once some of it got on", async () => {
    const none = (count: number): Answers => Array(count).fill(AGAIN);
    const { table } = answering(none, none, (count) => [DONE, ...(none(count - 1) as Answer[])], none);
    const budget = budgetOfMs(10_000);
    const { retries } = await write(groupsOf(events(3)), APPEND, table, budget);
    expect([budget.pauses, retries]).toEqual([[50, 100, 50, 100], 4]);
  });

  it("is all that a table gave no answer for; a call without one may have stored it", async () => {
    const existing = storedItem({ id: { S: "e1" } });
    const { table } = answering(
      () => [DONE],
      () => [{ kind: "exists", stored: existing }],
    );
    const written = await write(groupsOf(events(2), APPEND_ONCE), APPEND_ONCE, table, budgetOfMs(1000));
    expect([written.stored.length, written.duplicates.length]).toEqual([2, 0]);
  });

  it.each([
    ["before the budget is over", 51, true, [50]],
    ["not where the budget would be over by then", 50, false, []],
    ["not where none is left", 0, false, []],
  ])("%s", async (_, ms, goesOn, pauses) => {
    const budget = budgetOfMs(ms);
    expect(await pauseBeforeRetry(budget, 1)).toBe(goesOn);
    expect(budget.pauses).toEqual(pauses);
  });

  it("is given up where the pause itself took all that was left", async () => {
    const budget = budgetOfMs(60);
    const slow = { ...budget, pause: (ms: number) => budget.pause(ms + 10) };
    expect(await pauseBeforeRetry(slow, 1)).toBe(false);
  });
});

describe("a call", () => {
  const sizes = (bytes: readonly number[], maxWrites = 25) =>
    batchesOf(
      groupsOf(bytes.map((size, at) => ({ id: `e${at}`, x: "x".repeat(size - 29 - `${at}`.length) }))),
      maxWrites,
    ).map((batch) => batch.length);

  it("has at most so many writes", () => {
    expect(sizes([50, 50, 50, 50, 50], 2)).toEqual([2, 2, 1]);
    expect(batchesOf([], 25)).toEqual([]);
  });

  it("has at most 2 MiB, or one write", () => {
    const quarter = 256 * 1024;
    const lengthOf = (size: number) =>
      groupsOf([{ id: "e0", x: "x".repeat(size - 30) }])[0]?.writes[0].item.json.length;
    expect(lengthOf(quarter)).toBe(quarter);
    expect(sizes(Array(8).fill(quarter))).toEqual([8]);
    expect(sizes([...Array(7).fill(quarter), quarter + 1])).toEqual([7, 1]);
  });
});

describe("what stands there already", () => {
  const classified = (event: JsonObject, stored: Parameters<typeof storedItem>[0], policy = LATEST) => {
    const [one] = writesOf([event], policy);
    return one && classifyExisting(policy, one, storedItem(stored));
  };
  const item = (v: string) => ({ id: { S: "a" }, v: { N: v }, _version: { N: v } });

  it.each([
    ["the same", item("2"), "duplicate"],
    ["later", item("3"), "superseded"],
    ["older", item("1"), "conflict"],
    ["of this version with other content", { ...item("2"), x: { N: "1" } }, "conflict"],
    ["without a version", { id: { S: "a" } }, "conflict"],
    ["of a version that is no number", { ...item("2"), _version: { S: "later" } }, "conflict"],
  ])("is %s", (_, stored, expected) => {
    expect(classified({ id: "a", v: 2 }, stored)).toBe(expected);
  });

  it("is a conflict where versions do not count", () => {
    expect(classified({ id: "a", v: 2 }, item("3"), APPEND_ONCE)).toBe("conflict");
  });
});

it("what became of two plans is told as of one", () => {
  const of = (some: readonly JsonObject[], retries: number) => {
    const writes = writesOf(some, APPEND);
    return {
      ...{ stored: writes, duplicates: writes, superseded: writes, unfinished: writes, retries },
      conflicts: writes.map((one) => ({ write: one })),
      refused: writes.map(({ origin }) => ({ origin, reason: "refused", detail: "no" }) as const),
    };
  };
  const [one, other] = [of(events(1), 1), of(events(2), 2)];
  const lists = (["stored", "duplicates", "superseded", "conflicts", "refused", "unfinished"] as const).map(
    (name) => [name, [...one[name], ...other[name]]],
  );
  expect(together(one, other)).toEqual({ ...Object.fromEntries(lists), retries: 3 });
});
