/** What people read when a resource of any automation could not be looked at or changed, one file a class of error. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { Blocked, Misconfigured, type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { IncidentRecord } from "../../../shared/ledger/outbox-item.ts";
import type { Notification } from "../../../shared/notify/notification.ts";
import { type NotifyDependencies, RunNotifications } from "../../../shared/notify/run-notifications.ts";
import { expectFileForEach, expectGolden } from "./golden.ts";

const GOLDEN = join(import.meta.dirname, "golden-failures");
const START = Date.parse("2026-11-21T12:00:00Z");
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const CALL = { call: "kinesis:DescribeStreamSummary", resource: "stream/orders" };

const FAILURES: Readonly<Record<string, ReflexError>> = {
  RetryLater: new RetryLater("kinesis:DescribeStreamSummary for stream/orders: Rate exceeded", CALL),
  Blocked: new Blocked("kinesis:DescribeStreamSummary for stream/orders was refused: AccessDenied", CALL),
  Misconfigured: new Misconfigured("stream orders: no such stream in this account and region", CALL),
};

/** What is notified of a failure that is found by run after run, and of its end. */
async function notified(failure: ReflexError): Promise<Notification[]> {
  let record: IncidentRecord = { incidents: {}, waiting: [], version: 0 } as never;
  const sent: Notification[] = [];
  const outbox = {
    incidents: async () => record,
    writeIncidents: async (_before: unknown, incidents: object, notifications: readonly Notification[]) => {
      record = { ...record, incidents } as never;
      sent.push(...notifications);
      return { notifications: [] };
    },
  } as never as NotifyDependencies["outbox"];
  for (const at of [0, 1, 15, DAY / MINUTE + 15]) await report(START + at * MINUTE, failure, outbox);
  return sent;
}

async function report(
  now: number,
  failure: ReflexError,
  outbox: NotifyDependencies["outbox"],
): Promise<void> {
  const stage = { annotate: () => {}, metadata: () => {} };
  const run = {
    ...{ automation: "reshard-streams", traceId: "1-65f0a1b2-0123456789abcdef01234567" },
    ...{ clock: { now: () => now }, remainingMs: () => MINUTE, signal: new AbortController().signal },
    stage: async (_name: string, body: (given: typeof stage) => unknown) => body(stage),
    log: { warn: (text: string) => Promise.reject(new Error(text)) },
  } as never as Run;
  await new RunNotifications(run, { outbox, notify: async () => {} }).reportFailure("stream/orders", failure);
}

test.each(Object.entries(FAILURES))("%s reads as it should", async (name, failure) => {
  expect(failure.name).toBe(name);
  await expectGolden(GOLDEN, name, await notified(failure));
});

test("every class of error has its golden file", () => {
  expectFileForEach(
    GOLDEN,
    [RetryLater, Blocked, Misconfigured].map(({ name }) => name),
  );
});
