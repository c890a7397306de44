/** What people read of each kind of notification, one file a kind: read them aloud. */

import { join } from "node:path";
import { expect, test } from "vitest";
import {
  ACTION_KINDS,
  type Action,
  type Decision,
  NOTIFIED_VERDICTS,
} from "../../../../functions/reshard-streams/model/decision.ts";
import { conditionsOf, FINDING_CODES } from "../../../../functions/reshard-streams/notify/conditions.ts";
import {
  eventNotification,
  type StreamFinding,
} from "../../../../functions/reshard-streams/notify/incident.ts";
import {
  notificationOf,
  recoveredNotification,
} from "../../../../functions/reshard-streams/notify/notification.ts";
import { permitDecision } from "../../../../functions/reshard-streams/run/permit.ts";
import { overtakenConditions } from "../../../../shared/approvals/conditions.ts";
import type { Permit } from "../../../../shared/approvals/permit.ts";
import type { History } from "../../../../shared/ledger/entry.ts";
import type { Done } from "../../../../shared/ledger/keep-verdict.ts";
import type { Notification } from "../../../../shared/notify/notification.ts";
import { ANNA, ASKED_KINDS, askingRun, looksOf } from "../../../shared/notify/asks.ts";
import {
  type Course,
  expectFileForEach,
  expectGolden,
  notificationsOf,
} from "../../../shared/notify/golden.ts";
import { entry, NOW, policy } from "../stream.ts";
import { CHANGES, CHEAPER_MODE, CONSUMERS_STOPPED, HOLDS, ON_TARGET, PAST } from "./decisions.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const OCCASION = {
  ...{ id: "0f3a7c1e-5f0e-4a53-9a59-8d1d1f0a9c55", deployStage: "prod", now: NOW },
  ...{ trigger: "alarm reflex-prod-stream-orders (ALARM)", traceId: "1-65f0a1b2-0123456789abcdef01234567" },
};
const SCALE_OUT = CHANGES.UpdateShardCount;

type Found = Pick<StreamFinding, "decision" | "done" | "history">;

const found = (decision: Decision, done: Done = "nothing", history = PAST): Found => ({
  decision,
  done,
  history,
});

const course = (lasts: Course<Found>["lasts"], ...all: readonly [Found, ...Found[]]): Notification[] =>
  notificationsOf({
    ...{ resource: "stream/orders", lasts },
    startsAt: NOW,
    found: [...all, found(ON_TARGET)],
    conditionsOf: ({ decision, done, history }) => [
      ...conditionsOf(decision, done),
      ...overtakenConditions(history.request, NOW),
    ],
    notificationOf: (event, { decision, done, history }) =>
      eventNotification(event, { stream: "orders", decision, done, history }, OCCASION),
  });

const changeOf = (decision: Action) => [notificationOf("orders", decision, PAST, OCCASION)];

const PAUSE = {
  ...{ scope: "stream/orders", by: ANNA, why: "a load test" },
  ...{ at: NOW, until: NOW + 7_200_000 },
};

async function permit(history: History, now: number): Promise<Permit> {
  const cause = { kind: "alarm", text: OCCASION.trigger, mode: undefined, at: now } as const;
  const deps = { mode: "ask", requests: { replace: async () => true } } as const;
  const context = { cause, observedAt: now, deps, run: askingRun("reshard-streams") };
  return (await permitDecision(SCALE_OUT, policy(), history, context)).permit;
}

/** Every kind that the code has a name for. */
const KINDS: Readonly<Record<string, () => Notification[] | Promise<Notification[]>>> = {
  ...Object.fromEntries(
    Object.entries(HOLDS).map(([verdict, [first, ...others]]) => [
      verdict,
      () => course("for days", found(first), ...others.map((one) => found(one))),
    ]),
  ),
  ...Object.fromEntries(Object.entries(CHANGES).map(([kind, decision]) => [kind, () => changeOf(decision)])),
  would: () => course("for days", found(SCALE_OUT), found(SCALE_OUT, PAUSE)),
  "consumers-stopped": () => course("for days", found(CONSUMERS_STOPPED)),
  "cheaper-mode": () => course("for days", found(CHEAPER_MODE)),
  recovered: () => {
    const { kind, from, to, reasons, evidence } = SCALE_OUT;
    const intent = { action: `kinesis:${kind}`, from, to, reasons: [...reasons], evidence };
    const interrupted = entry(NOW - 180_000, intent, {
      detail: "its run left no outcome; the stream has 4 open shards",
    });
    return [recoveredNotification("orders", interrupted, PAST, OCCASION)];
  },
  approved: () => [
    notificationOf("orders", SCALE_OUT, PAST, {
      ...OCCASION,
      approval: { id: "stream/orders/mi9x2k40", by: PAUSE.by, at: NOW - 60_000 },
    }),
  ],
  ...Object.fromEntries(
    ASKED_KINDS.map((kind) => [
      kind,
      async () => {
        const looks = await looksOf(kind, PAST, permit, NOW);
        const [first, ...others] = looks.map(({ done, history }) =>
          found(done === "nothing" ? ON_TARGET : SCALE_OUT, done, history),
        );
        return first ? course("within an hour", first, ...others) : [];
      },
    ]),
  ),
};

test.each(Object.entries(KINDS))("%s reads as it should", async (kind, notifications) => {
  await expectGolden(GOLDEN, kind, await notifications());
});

test("every kind of notification has its golden file", () => {
  const others = ["would", "cheaper-mode", "recovered", "approved", ...ASKED_KINDS];
  expect(Object.keys(KINDS).toSorted()).toEqual(
    [...NOTIFIED_VERDICTS, ...ACTION_KINDS, ...FINDING_CODES, ...others].toSorted(),
  );
  expectFileForEach(GOLDEN, Object.keys(KINDS));
});

test("each hold and each change is the one its file is named after", () => {
  const holds = Object.entries(HOLDS).flatMap(([verdict, all]) => all.map((one) => [verdict, one.verdict]));
  const changes = Object.entries(CHANGES).map(([kind, one]) => [kind, one.kind]);
  for (const [name, is] of [...holds, ...changes]) expect(is).toBe(name);
});
