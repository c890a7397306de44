/** What people read of each kind of notification, one file a kind: read them aloud. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { callOf } from "../../../../functions/scale-node-pools/model/action.ts";
import { CHANGE_VERDICTS, type Decision } from "../../../../functions/scale-node-pools/model/decision.ts";
import { conditionsOf, WARNING_CODES } from "../../../../functions/scale-node-pools/notify/conditions.ts";
import { WORDED_KEYS } from "../../../../functions/scale-node-pools/notify/facts.ts";
import {
  eventNotification,
  type PoolFinding,
} from "../../../../functions/scale-node-pools/notify/incident.ts";
import {
  notificationOf,
  recoveredNotification,
} from "../../../../functions/scale-node-pools/notify/notification.ts";
import { permitDecision } from "../../../../functions/scale-node-pools/run/permit.ts";
import { overtakenConditions } from "../../../../shared/approvals/conditions.ts";
import type { Permit } from "../../../../shared/approvals/permit.ts";
import type { Entry, History } from "../../../../shared/ledger/entry.ts";
import type { Done } from "../../../../shared/ledger/keep-verdict.ts";
import type { Notification } from "../../../../shared/notify/notification.ts";
import { ANNA, ASKED_KINDS, askingRun, looksOf } from "../../../shared/notify/asks.ts";
import {
  type Course,
  expectFileForEach,
  expectGolden,
  notificationsOf,
} from "../../../shared/notify/golden.ts";
import { MINUTE, NOW, pool, zonal } from "../given.ts";
import { CHANGES, STEADY, WARNED } from "./decisions.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const OCCASION = {
  ...{ id: "0f3a7c1e-5f0e-4a53-9a59-8d1d1f0a9c55", deployStage: "prod", now: NOW },
  ...{ trigger: "schedule", traceId: "1-65f0a1b2-0123456789abcdef01234567" },
};
const GROUPS = zonal([1, 1, 1]).groups;
const SCALE_OUT = CHANGES["scale-out"];

const ENTRY: Entry = {
  intent: {
    ...{ id: "earlier", at: NOW - 180 * MINUTE, automation: "scale-node-pools", trigger: "schedule" },
    ...{ action: "autoscaling:SetDesiredCapacity", direction: "out", from: 2, to: 3 },
    ...{ reasons: ["4 pods need a node"], evidence: { pendingPods: 4, unplacedPods: 0, schedulable: 2 } },
  },
  outcome: { result: "applied", at: NOW - 180 * MINUTE },
};
const PAST: History = { resource: "node-pool/workers", version: 0, entries: [ENTRY] };

type Found = Omit<PoolFinding, "warned">;

const found = (decision: Decision, done: Done = "nothing", history = PAST): Found => ({
  decision,
  done,
  history,
});

const course = (
  lasts: Course<Found>["lasts"],
  of: string,
  ...all: readonly [Found, ...Found[]]
): Notification[] =>
  notificationsOf({
    ...{ resource: "node-pool/workers", lasts, startsAt: NOW, found: [...all, found(STEADY)] },
    // A decision may come with several warnings: one kind a file.
    conditionsOf: ({ decision, done, history }) =>
      [...conditionsOf(decision, done), ...overtakenConditions(history.request, NOW)].filter(
        ({ code, key }) => code === of || key === of,
      ),
    notificationOf: (event, finding) => eventNotification(event, finding, OCCASION),
  });

const changeOf = (decision: Decision, over: object = {}): Notification[] => {
  const groups =
    decision.verdict === "set-limits" ? zonal([1], { groups: { kind: "managedNodeGroup" } }).groups : GROUPS;
  return [notificationOf(decision, PAST, { ...OCCASION, call: callOf(decision, { groups }), ...over })];
};

const PAUSE = {
  ...{ scope: "node-pool/workers", by: ANNA, why: "a load test" },
  ...{ at: NOW, until: NOW + 120 * MINUTE },
};

async function permit(history: History, now: number): Promise<Permit> {
  const context = { pool: pool(GROUPS), trigger: "schedule", now };
  const deps = { mode: "ask", requests: { replace: async () => true } } as const;
  return (await permitDecision(SCALE_OUT, history, context, askingRun("scale-node-pools"), deps)).permit;
}

const KINDS: Readonly<Record<string, () => Notification[] | Promise<Notification[]>>> = {
  ...Object.fromEntries(
    Object.entries(WARNED).map(([code, decision]) => [code, () => course("for days", code, found(decision))]),
  ),
  ...Object.fromEntries(
    Object.entries(CHANGES).map(([verdict, decision]) => [verdict, () => changeOf(decision)]),
  ),
  would: () => course("for days", "would", found(SCALE_OUT), found(SCALE_OUT, PAUSE)),
  recovered: () => [recoveredNotification("workers", ENTRY, { ...PAST, entries: [] }, OCCASION)],
  approved: () =>
    changeOf(SCALE_OUT, { approval: { id: "node-pool/workers/mi9x2k40", by: ANNA, at: NOW - MINUTE } }),
  ...Object.fromEntries(
    ASKED_KINDS.map((kind) => [
      kind,
      async () => {
        const looks = await looksOf(kind, PAST, permit, NOW);
        const [first, ...others] = looks.map(({ done, history }) =>
          found(done === "nothing" ? STEADY : SCALE_OUT, done, history),
        );
        const of = kind === "overtaken" ? kind : "ask";
        return first ? course("within an hour", of, first, ...others) : [];
      },
    ]),
  ),
};

test.each(Object.entries(KINDS))("%s reads as it should", async (kind, notifications) => {
  await expectGolden(GOLDEN, kind, await notifications());
});

test("every kind of notification has its golden file", () => {
  const others = ["would", "recovered", "approved", ...ASKED_KINDS];
  expect(Object.keys(KINDS).toSorted()).toEqual([...WARNING_CODES, ...CHANGE_VERDICTS, ...others].toSorted());
  expectFileForEach(GOLDEN, Object.keys(KINDS));
  for (const [verdict, decision] of Object.entries(CHANGES)) expect(decision.verdict).toBe(verdict);
});

test("every number of a decision has words", () => {
  const keys = [...Object.values(WARNED), ...Object.values(CHANGES)].flatMap(({ evidence }) =>
    Object.keys(evidence),
  );
  expect(WORDED_KEYS).toEqual(expect.arrayContaining([...new Set(keys)]));
});
