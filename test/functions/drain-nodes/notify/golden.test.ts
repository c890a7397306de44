/** What people read of each way a drain can end, one file a way: read them aloud. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { reportStopped, stoppedBy } from "../../../../functions/drain-nodes/act/stopped-drain.ts";
import { nodeResult } from "../../../../functions/drain-nodes/model/drain.ts";
import {
  NOTIFIED_OUTCOMES,
  type NotifiedOutcome,
  type NotifiedResult,
  notifyResult,
} from "../../../../functions/drain-nodes/notify/notification.ts";
import type { RunDependencies } from "../../../../functions/drain-nodes/run/dependencies.ts";
import { REMIND_AFTER_MS, transition } from "../../../../shared/incidents/transition.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import type { Notification } from "../../../../shared/notify/notification.ts";
import type { RunNotifications } from "../../../../shared/notify/run-notifications.ts";
import { expectFileForEach, expectGolden } from "../../../shared/notify/golden.ts";
import { T0 } from "../given.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const RUN = { automation: "drain-nodes", traceId: "1-65f0a1b2-0123456789abcdef01234567" } as Run;
const ABOUT = { pool: { name: "workers" }, node: "ip-10-0-1-2", cause: "scale-in" } as const;
const SPOT = { ...ABOUT, cause: "spot-interruption" } as const;

const BUDGET = {
  pod: "shop/web-1",
  reason: {
    code: "disruption-budget",
    text: "The disruption budget web needs 3 healthy pods and has 3 currently",
  },
} as const;
const TERMINATING = { pod: "shop/db-0", reason: { code: "terminating", text: "still terminating" } } as const;

/** The notifications of one result: as it is found, and found again a day later. */
async function notified(notify: (deps: RunDependencies) => Promise<unknown>): Promise<Notification[]> {
  const sent: Notification[] = [];
  const report: RunNotifications["report"] = async (resource, finding, render) => {
    const first = transition(resource, {}, finding, T0);
    const later = transition(resource, first.after, finding, T0 + REMIND_AFTER_MS);
    sent.push(...[...first.events, ...later.events].map(render));
  };
  await notify({ notifications: { report } } as RunDependencies);
  return sent;
}

const ofResult = (result: NotifiedResult) => notified((deps) => notifyResult(result, RUN, deps));

/** What a drain came to, in the words of the code that finds it. */
const RESULTS: Readonly<Record<NotifiedOutcome, () => Promise<Notification[]>>> = {
  finished: () =>
    ofResult(
      nodeResult(
        { ...ABOUT, cause: "lifecycle-hook" },
        "finished",
        "hard-deadline",
        "its hard deadline passed with 2 pods still there; lifecycle hook reflex-drain completed",
        { blockers: [BUDGET, TERMINATING] },
      ),
    ),
  gone: () =>
    ofResult(
      nodeResult(
        { ...ABOUT, cause: "lifecycle-hook" },
        "gone",
        "hook-over",
        "its lifecycle hook reflex-drain has ended with 1 pod still there: the instance goes",
        { blockers: [BUDGET] },
      ),
    ),
  cancelled: () =>
    ofResult(
      nodeResult(
        ABOUT,
        "cancelled",
        "soft-deadline",
        "drain cancelled, node uncordoned: its soft deadline has passed",
        { evicted: 3, blockers: [BUDGET] },
      ),
    ),
  refused: () =>
    ofResult(
      nodeResult(
        ABOUT,
        "refused",
        "pod-not-movable",
        'nothing was started: pod shop/web-1 has the annotation "cluster-autoscaler.kubernetes.io/safe-to-evict": "false"',
      ),
    ),
  stopped: () =>
    notified((deps) =>
      reportStopped(ABOUT, stoppedBy({ code: "mode-observe", text: "mode is observe" }), RUN, deps),
    ),
  observed: () =>
    ofResult(
      nodeResult(
        SPOT,
        "observed",
        "paused",
        "would be drained; node-pool/workers is paused until 2026-03-01 14:00 UTC by anna: a load test",
      ),
    ),
};

test.each(Object.entries(RESULTS))("%s reads as it should", async (outcome, notifications) => {
  await expectGolden(GOLDEN, outcome, await notifications());
});

test("every way that people are notified of has its golden file", () => {
  expect(Object.keys(RESULTS)).toEqual(NOTIFIED_OUTCOMES);
  expectFileForEach(GOLDEN, NOTIFIED_OUTCOMES);
});
