import { describe, expect, it } from "vitest";
import { findChange, UNDOES } from "../../../scripts/ledger/undo/find-change.ts";
import type { ResourceView } from "../../../scripts/ledger/view.ts";
import { callEach } from "../../../shared/automation/undo.ts";
import type { Entry, Outcome } from "../../../shared/ledger/entry.ts";

const change = (
  id: string,
  at: number,
  { undoes, result = "applied" }: { undoes?: string; result?: Outcome["result"] } = {},
): Entry => ({
  intent: {
    ...{ id, at, automation: "reshard-streams", action: "kinesis:UpdateShardCount", direction: "out" },
    ...{ from: 1, to: 2, reasons: [], evidence: undoes === undefined ? {} : { [UNDOES]: undoes } },
    trigger: undoes === undefined ? "the schedule" : "reflex undo by anna",
  },
  outcome: { result, at },
});

function find(id: string, ...entries: readonly Entry[]) {
  const view: ResourceView = {
    ...{ resource: "stream/orders", decisions: [], openIncidents: [] },
    entries: entries.toSorted((a, b) => b.intent.at - a.intent.at),
  };
  const found = findChange(id, [view]);
  return "refused" in found ? found.refused : found.later.map(({ intent }) => intent.id);
}

describe("the change that is undone", () => {
  it("has with it what came after it and stands, newest first", () => {
    const lost = change("lost", 4, { result: "lost" });
    expect(find("b", change("a", 1), change("b", 2), change("c", 3), lost, change("d", 5))).toEqual([
      "d",
      "c",
    ]);
  });

  it("has nothing after it where that was undone", () => {
    expect(find("a", change("a", 1), change("b", 2), change("u", 3, { undoes: "b" }))).toEqual([]);
  });

  it("has after it the undo of what was before it", () => {
    expect(find("b", change("a", 1), change("b", 2), change("u", 3, { undoes: "a" }))).toEqual(["u"]);
  });

  it("is refused while it is undone, and found again once that undo is undone", () => {
    const undone = [change("a", 1), change("u", 2, { undoes: "a" })];
    expect(find("a", ...undone)).toBe("it is undone already, by reflex undo by anna");
    expect(find("a", ...undone, change("again", 3, { undoes: "u" }))).toEqual([]);
    expect(find("u", ...undone)).toEqual([]);
  });

  it.each([
    ["changed nothing", "lost", /^it changed nothing: lost/],
    ["is in no ledger", "nothing", /^the ledger has no change nothing$/],
  ])("is refused where it %s", (_, id, why) => {
    expect(find(id, change("lost", 1, { result: "lost" }))).toMatch(why);
  });
});

describe("an undo of several calls", () => {
  const fail = (why: string) => async () => {
    throw new Error(why);
  };
  const done = async () => {};

  it("makes them all, and says which failed", async () => {
    const parts = new Map([
      ["workers-a", fail("busy")],
      ["workers-b", done],
    ]);
    expect(await callEach(parts)).toEqual(["workers-a: busy"]);
  });

  it("throws the first error where none was done", async () => {
    const parts = new Map([
      ["workers-a", fail("busy")],
      ["workers-b", fail("gone")],
    ]);
    await expect(callEach(parts)).rejects.toThrow(/^busy$/);
  });
});
