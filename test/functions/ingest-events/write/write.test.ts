import { describe, expect, it } from "vitest";
import type { StreamPolicy } from "../../../../functions/ingest-events/config/policy.ts";
import type { JsonObject } from "../../../../functions/ingest-events/decode/json.ts";
import type { Item } from "../../../../functions/ingest-events/plan/encoded-item.ts";
import { plan } from "../../../../functions/ingest-events/plan/plan.ts";
import type { Answer, Table } from "../../../../functions/ingest-events/write/answer.ts";
import type { Written } from "../../../../functions/ingest-events/write/outcomes.ts";
import { write } from "../../../../functions/ingest-events/write/write.ts";
import { Blocked } from "../../../../shared/lambda/errors.ts";
import { budgetOfMs } from "../budgets.ts";
import { APPEND, APPEND_ONCE, LATEST } from "../policies.ts";
import { type Fate, TableModel } from "../table-model.ts";
import { writesOf } from "../writes.ts";

const planned = (events: readonly JsonObject[], policy: StreamPolicy) =>
  plan(writesOf(events, policy), policy);

const sequencesOf = (writes: readonly { origin: { sequenceNumber: string } }[]) =>
  writes.map(({ origin }) => Number(origin.sequenceNumber)).sort((a, b) => a - b);

function outcome(written: Written) {
  return {
    stored: sequencesOf(written.stored),
    duplicates: sequencesOf(written.duplicates),
    superseded: sequencesOf(written.superseded),
    conflicts: sequencesOf(written.conflicts.map(({ write: one }) => one)),
    refused: sequencesOf(written.refused),
    unfinished: sequencesOf(written.unfinished),
  };
}

const nothing = { stored: [], duplicates: [], superseded: [], conflicts: [], refused: [], unfinished: [] };

/** A table that answers as given, and then as a table would. */
function scripted(model: TableModel, script: readonly Fate[]): Table {
  const fates = script.values();
  return model.table({ next: () => fates.next().value ?? "answered", meanwhile: async () => {} });
}

/** A table that refuses the items `isBad` holds for, and with them the requests they are in. */
function refusing(model: TableModel, isBad: (item: Item) => boolean): Table {
  const inner = model.table();
  return {
    ...inner,
    write: async (writes, signal) => {
      if (!writes.some(({ item }) => isBad(item.attributes))) return inner.write(writes, signal);
      return writes.length === 1 ? [{ kind: "refused", message: "no" }] : { refusedTogether: "no" };
    },
  };
}

const ids = (count: number) => Array.from({ length: count }, (_none, index) => ({ id: `e${index}` }));

describe("write, append", () => {
  it("puts 25 events a call", async () => {
    const model = new TableModel(APPEND);
    const written = await write(planned(ids(60), APPEND), APPEND, model.table(), budgetOfMs(1000));
    expect({ stored: written.stored.length, inTable: model.items.size, calls: model.calls }).toEqual({
      stored: 60,
      inTable: 60,
      calls: 3,
    });
  });

  it("distinguishes a duplicate from a conflict within the invocation", async () => {
    const model = new TableModel(APPEND);
    const groups = planned(
      [
        { id: "a", x: 1 },
        { id: "a", x: 1 },
        { id: "a", x: 2 },
      ],
      APPEND,
    );
    const written = await write(groups, APPEND, model.table(), budgetOfMs(1000));
    expect(outcome(written)).toEqual({ ...nothing, stored: [1], duplicates: [2], conflicts: [3] });
  });

  it.each<[string, Fate[]]>([
    ["a throttle", ["throttled"]],
    ["a server error", ["failed"]],
    ["a lost answer", ["lost"]],
    ["unprocessed items", ["partly", "answered", "throttled", "answered"]],
  ])("goes on after %s until all is stored", async (_what, script) => {
    const model = new TableModel(APPEND);
    const written = await write(planned(ids(3), APPEND), APPEND, scripted(model, script), budgetOfMs(1000));
    expect({ ...outcome(written), retries: written.retries, inTable: model.items.size }).toEqual({
      ...nothing,
      stored: [1, 2, 3],
      retries: 1,
      inTable: 3,
    });
  });

  it("sends again only what was not processed", async () => {
    const model = new TableModel(APPEND);
    const sizes: number[] = [];
    const inner = scripted(model, ["partly", "answered", "throttled", "answered"]);
    const table: Table = {
      ...inner,
      write: (writes, signal) => {
        sizes.push(writes.length);
        return inner.write(writes, signal);
      },
    };
    await write(planned(ids(3), APPEND), APPEND, table, budgetOfMs(1000));
    expect(sizes).toEqual([3, 1]);
  });

  it("waits longer after each failure, up to the limit", async () => {
    const budget = budgetOfMs(60_000);
    const script = Array<Fate>(9).fill("throttled");
    await write(planned(ids(1), APPEND), APPEND, scripted(new TableModel(APPEND), script), budget);
    expect(budget.pauses).toEqual([50, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it("leaves what does not fit into the budget unfinished", async () => {
    const script = Array<Fate>(99).fill("throttled");
    const table = scripted(new TableModel(APPEND), script);
    const written = await write(planned(ids(3), APPEND), APPEND, table, budgetOfMs(1000));
    expect(outcome(written)).toEqual({ ...nothing, unfinished: [1, 2, 3] });
  });

  it("starts nothing when the budget is over", async () => {
    const model = new TableModel(APPEND);
    const written = await write(planned(ids(3), APPEND), APPEND, model.table(), budgetOfMs(0));
    expect({ ...outcome(written), calls: model.calls }).toEqual({
      ...nothing,
      unfinished: [1, 2, 3],
      calls: 0,
    });
  });

  it("finds the one item that DynamoDB refuses, and stores the 24 others", async () => {
    const model = new TableModel(APPEND);
    const table = refusing(model, (item) => item.id?.S === "e7");
    const written = await write(planned(ids(25), APPEND), APPEND, table, budgetOfMs(1000));
    expect({
      refused: written.refused,
      stored: written.stored.length,
      inTable: model.items.size,
    }).toMatchObject({
      refused: [{ origin: { sequenceNumber: "8" }, reason: "refused", detail: "DynamoDB refused it: no" }],
      stored: 24,
      inTable: 24,
    });
  });

  it("stores the second of a key when the first is refused", async () => {
    const table = refusing(new TableModel(APPEND), (item) => item.x?.N === "1");
    const groups = planned(
      [
        { id: "a", x: 1 },
        { id: "a", x: 2 },
        { id: "a", x: 2 },
      ],
      APPEND,
    );
    const written = await write(groups, APPEND, table, budgetOfMs(1000));
    expect(outcome(written)).toEqual({ ...nothing, refused: [1], stored: [2], duplicates: [3] });
  });

  it("ends with the error when the table cannot be written at all, after what is in flight", async () => {
    let inFlight = 0;
    const table: Table = {
      ...new TableModel(APPEND).table(),
      write: async (writes) => {
        inFlight += 1;
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        if (writes[0]?.key === "2:e0") throw new Blocked("no permission");
        return writes.map(() => ({ kind: "done" }));
      },
    };
    await expect(write(planned(ids(500), APPEND), APPEND, table, budgetOfMs(1000))).rejects.toThrow(Blocked);
    expect(inFlight).toBe(0);
  });
});

describe("write, append-once", () => {
  const landed = async (
    events: readonly JsonObject[],
    script: readonly Fate[] = [],
    before: readonly JsonObject[] = [],
  ) => {
    const model = new TableModel(APPEND_ONCE);
    await write(planned(before, APPEND_ONCE), APPEND_ONCE, model.table(), budgetOfMs(1000));
    return outcome(
      await write(planned(events, APPEND_ONCE), APPEND_ONCE, scripted(model, script), budgetOfMs(1000)),
    );
  };

  it("recognises a duplicate of an earlier invocation", async () => {
    expect(await landed([{ id: "a", x: 1.5 }], [], [{ id: "a", x: 1.5 }])).toEqual({
      ...nothing,
      duplicates: [1],
    });
  });

  it("reports the same id with other content as a conflict, with what is stored", async () => {
    const model = new TableModel(APPEND_ONCE);
    await write(planned([{ id: "a", x: 1 }], APPEND_ONCE), APPEND_ONCE, model.table(), budgetOfMs(1000));
    const written = await write(
      planned([{ id: "a", x: 2 }], APPEND_ONCE),
      APPEND_ONCE,
      model.table(),
      budgetOfMs(1000),
    );
    expect(written.conflicts).toMatchObject([
      { write: { key: "1:a" }, stored: { attributes: { id: { S: "a" }, x: { N: "1" } } } },
    ]);
  });

  it("holds 16 MiB of what conflicts stand against, and of the others only that they do", async () => {
    const model = new TableModel(APPEND_ONCE);
    const large = Array.from({ length: 50 }, (_none, index) => ({ id: `e${index}`, x: "x".repeat(390_000) }));
    await write(planned(large, APPEND_ONCE), APPEND_ONCE, model.table(), budgetOfMs(60_000));
    const small = planned(
      large.map(({ id }) => ({ id })),
      APPEND_ONCE,
    );
    const { conflicts } = await write(small, APPEND_ONCE, model.table(), budgetOfMs(60_000));
    const withStored = conflicts.filter(({ stored }) => stored !== undefined);
    expect([conflicts.length, withStored.length]).toEqual([50, Math.floor((16 * 1024 * 1024) / 390_040)]);
  });

  it("holds every event of a key against what is stored, not against the first of the batch", async () => {
    const events = [
      { id: "a", x: 2 },
      { id: "a", x: 1 },
    ];
    expect(await landed(events, [], [{ id: "a", x: 1 }])).toEqual({
      ...nothing,
      conflicts: [1],
      duplicates: [2],
    });
  });

  it("counts what its own lost call stored as stored", async () => {
    expect(await landed([{ id: "a" }], ["lost"])).toEqual({ ...nothing, stored: [1] });
  });

  it("counts a duplicate after a throttle as a duplicate: the throttled call stored nothing", async () => {
    expect(await landed([{ id: "a" }], ["throttled"], [{ id: "a" }])).toEqual({
      ...nothing,
      duplicates: [1],
    });
  });

  it("leaves the later events of a key unfinished with the first, and goes on with other keys", async () => {
    const model = new TableModel(APPEND_ONCE);
    const inner = model.table();
    const table: Table = {
      ...inner,
      write: (writes, signal) =>
        Promise.all(
          writes.map(async (write): Promise<Answer> => {
            const answers = await inner.write([write], signal);
            const [answer] = "refusedTogether" in answers ? [] : answers;
            return write.key === "1:a" || !answer ? { kind: "again", mayBeApplied: false } : answer;
          }),
        ),
    };
    const groups = planned([{ id: "a" }, { id: "b" }, { id: "a" }, { id: "c" }], APPEND_ONCE);
    const written = await write(groups, APPEND_ONCE, table, budgetOfMs(1000));
    expect(outcome(written)).toEqual({ ...nothing, stored: [2, 4], unfinished: [1, 3] });
  });
});

describe("write, latest", () => {
  const landed = async (events: readonly JsonObject[], before: readonly JsonObject[] = []) => {
    const model = new TableModel(LATEST);
    for (const event of before)
      await write(planned([event], LATEST), LATEST, model.table(), budgetOfMs(1000));
    model.calls = 0;
    const written = await write(planned(events, LATEST), LATEST, model.table(), budgetOfMs(1000));
    return {
      ...outcome(written),
      calls: model.calls,
      version: [...model.items.values()].map(({ v }) => v?.N),
    };
  };

  it("writes one item a key, the latest of the batch", async () => {
    const events = [1, 3, 2].map((v) => ({ id: "a", v }));
    expect(await landed(events)).toEqual({
      ...nothing,
      stored: [2],
      superseded: [1, 3],
      calls: 1,
      version: ["3"],
    });
  });

  it("never goes back", async () => {
    expect(await landed([{ id: "a", v: 4 }], [{ id: "a", v: 5 }])).toEqual({
      ...nothing,
      superseded: [1],
      calls: 1,
      version: ["5"],
    });
  });

  it("recognises the same version with the same content, and reports it with other content", async () => {
    const events = [
      { id: "a", v: 5, x: 1 },
      { id: "a", v: 5, x: 2 },
    ];
    expect(await landed(events, [{ id: "a", v: 5, x: 1 }])).toMatchObject({
      duplicates: [1],
      conflicts: [2],
    });
  });

  it("reports an item without a version as a conflict, rather than taking it for a later one", async () => {
    const model = new TableModel(LATEST);
    model.items.set('["a"]', { id: { S: "a" } });
    const written = await write(
      planned([{ id: "a", v: 1 }], LATEST),
      LATEST,
      model.table(),
      budgetOfMs(1000),
    );
    expect(outcome(written)).toEqual({ ...nothing, conflicts: [1] });
  });

  it("writes the next version when the latest is refused", async () => {
    const table = refusing(new TableModel(LATEST), (item) => item.v?.N === "3");
    const groups = planned(
      [1, 3, 2].map((v) => ({ id: "a", v })),
      LATEST,
    );
    const written = await write(groups, LATEST, table, budgetOfMs(1000));
    expect(outcome(written)).toEqual({ ...nothing, refused: [2], stored: [3], superseded: [1] });
  });
});
