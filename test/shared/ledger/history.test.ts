import { describe, expect, it } from "vitest";
import { requestItem } from "../../../shared/approvals/item.ts";
import type { ApprovalRequest } from "../../../shared/approvals/request.ts";
import type { Entry, KeptDecision } from "../../../shared/ledger/entry.ts";
import {
  decisionItems,
  entryItem,
  entryKeyAt,
  profileItem,
  readEntry,
  readHistory,
} from "../../../shared/ledger/items.ts";
import { entryName, incidentRecord, itemKey } from "../../../shared/ledger/outbox-item.ts";
import { scaleOut } from "../notify/notifications.ts";
import { intent } from "./intents.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const RESOURCE = "node-pool/workers";

const ENTRY: Entry = {
  intent: intent("a", NOW, {
    direction: "in",
    parts: [{ name: "workers-a", size: { from: 3, to: 2 } }, { name: "node-7" }],
    approval: { id: "r", by: "anna", at: NOW - 1 },
  }),
  outcome: { result: "lost", at: NOW + 1, code: "gone", detail: "nothing was changed" },
};

const DECISION: KeptDecision = {
  ...{ at: NOW, automation: "scale-node-pools", verdict: "scale-in", held: "ask" },
  ...{ reasons: ["a node is empty"], evidence: { nodes: 3 }, trigger: "schedule" },
};

const REQUEST: ApprovalRequest = {
  ...{ id: "r", resource: RESOURCE, automation: "scale-node-pools", trigger: "schedule" },
  ...{ askedAt: NOW, expiresAt: NOW + 1 },
  change: { what: "w", direction: "in", from: 3, to: 2, text: "3 -> 2", reasons: [], evidence: {} },
};

const WAITING = { notification: scaleOut(), claimedUntil: NOW };

const HEAD = {
  ...itemKey(RESOURCE, "head"),
  version: { N: "7" },
  leasedUntil: { N: "1" },
  lastScaleOut: { N: "2" },
  lastScaleIn: { N: "3" },
  lastSeenChanging: { N: "4" },
  pending: { S: JSON.stringify(intent("b", NOW)) },
  [entryName("n")]: { S: JSON.stringify(WAITING) },
};

const INCIDENTS = { ...itemKey(RESOURCE, "incidents"), version: { N: "2" }, body: { S: "{}" } };

describe("all that is kept of a resource", () => {
  it("is its history, in whatever order it was read", () => {
    const items = [
      requestItem(REQUEST, 1),
      profileItem(RESOURCE, "168 hours", NOW),
      ...decisionItems(RESOURCE, DECISION, 1),
      INCIDENTS,
      HEAD,
      entryItem(RESOURCE, ENTRY, 1),
      itemKey(RESOURCE, "notified#old"),
    ];
    for (const read of [items, items.toReversed()]) {
      expect(readHistory(RESOURCE, read)).toStrictEqual({
        resource: RESOURCE,
        version: 7,
        entries: [ENTRY],
        outbox: "waiting",
        lastDecision: DECISION,
        request: REQUEST,
        incidents: { resource: RESOURCE, version: 2, incidents: {}, waiting: [] },
        leasedUntil: 1,
        lastScaleOut: 2,
        lastScaleIn: 3,
        lastSeenChanging: 4,
        profile: "168 hours",
        pending: intent("b", NOW),
      });
    }
  });

  it("is nothing of a resource that nothing was done to", () => {
    expect(readHistory(RESOURCE, [])).toStrictEqual({
      resource: RESOURCE,
      version: 0,
      entries: [],
      incidents: { resource: RESOURCE, version: 0, incidents: {}, waiting: [] },
    });
  });

  it.each(["observe", "ask", "paused", undefined] as const)("has a decision that %s held", (held) => {
    const { held: _, ...rest } = DECISION;
    const decision = { ...rest, ...(held && { held }) };
    const items = decisionItems(RESOURCE, decision, 1);
    expect(readHistory(RESOURCE, items).lastDecision).toStrictEqual(decision);
  });

  it.each([
    ["a pending intent", { ...HEAD, pending: { S: "{}" } }, "head"],
    ["an entry without a body", itemKey(RESOURCE, "entry#2026"), "entry#2026"],
    [
      "an entry whose result is none",
      {
        ...itemKey(RESOURCE, "entry#2026"),
        body: { S: JSON.stringify({ ...ENTRY, outcome: { result: "perhaps", at: NOW } }) },
      },
      "entry#2026",
    ],
  ])("is not decided on with %s that nobody can read", (_, item, sk) => {
    expect(() => readHistory(RESOURCE, [item])).toThrow(
      `the ledger's item ${sk} of ${RESOURCE} is none that Reflex wrote: nothing was decided`,
    );
  });
});

describe("an entry of the audit trail", () => {
  it("is found by its resource, by its time, and by the day among the changes of all", () => {
    expect(entryItem(RESOURCE, ENTRY, 1_500)).toMatchObject({
      pk: { S: RESOURCE },
      sk: { S: "entry#2026-11-21T12:00:00.000Z#a" },
      changedOn: { S: "2026-11-21" },
      changedAt: { S: "2026-11-21T12:00:00.000Z#a" },
      expiresAt: { N: String(NOW / 1000 + 2) },
    });
    expect(entryKeyAt(-1)).toBe("entry#1970-01-01T00:00:00.000Z");
  });

  it("is read by itself; what is none of this version is passed over", () => {
    expect(readEntry(entryItem(RESOURCE, ENTRY, 1))).toStrictEqual(ENTRY);
    for (const S of ["{", "{}", "null"]) expect(readEntry({ body: { S } })).toBeUndefined();
    expect(readEntry({})).toBeUndefined();
  });
});

it("only what is named as one is a notification that waits", () => {
  const item = { ...itemKey(RESOURCE, "incidents"), note: { S: JSON.stringify(WAITING) } };
  expect(incidentRecord(RESOURCE, item).waiting).toEqual([]);
  const named = { ...item, [entryName("n")]: { S: JSON.stringify(WAITING) } };
  expect(incidentRecord(RESOURCE, named).waiting).toEqual([WAITING]);
});
