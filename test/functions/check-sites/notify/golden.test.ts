/** What people read of each change of a site, one file a kind: read them aloud. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { compileSite, type Site } from "../../../../functions/check-sites/config/site.ts";
import { notificationOf, type Occasion } from "../../../../functions/check-sites/notify/notification.ts";
import type { MonitorChange } from "../../../../functions/check-sites/state/monitor-state.ts";
import type { PendingNotification } from "../../../../functions/check-sites/state/outbox.ts";
import { type Change, change, stateName } from "../../../../functions/check-sites/state/state.ts";
import type { Notification } from "../../../../shared/notify/notification.ts";
import { expectFileForEach, expectGolden } from "../../../shared/notify/golden.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const MINUTE = 60_000;
const NOW = Date.parse("2026-03-01T10:00:00Z");

function siteOf(name: string, policy: object): Site {
  const compiled = compileSite(name, { url: `https://${name}.example.com/`, ...policy });
  if ("problems" in compiled) throw new Error("the site does not compile");
  return compiled.site;
}

const OCCASION: Occasion = {
  ...{ now: NOW, runId: "run-1", traceId: "1-65f0a1b2-0123456789abcdef01234567" },
  sites: [
    siteOf("shop", { runbook: "https://wiki.example.com/shop", related: ["stream/orders"] }),
    siteOf("checkout", { dependsOn: ["shop"] }),
  ],
  pageUrl: "https://status.example.com",
  actions: [
    {
      resource: "stream/orders",
      entries: [
        {
          intent: {
            ...{
              id: "1",
              at: NOW - 30 * MINUTE,
              automation: "reshard-streams",
              direction: "in",
              from: 4,
              to: 3,
            },
            ...{ action: "kinesis:MergeShards", reasons: [], evidence: {}, trigger: "schedule" },
          },
          outcome: { result: "applied", at: NOW - 30 * MINUTE },
        },
      ],
    },
  ],
};

const FOUND = {
  DOWN: { severity: "down", reason: "status", text: "status is 500, expected 200" },
  DEGRADED: { severity: "degraded", reason: "slow", text: "total is 2140 ms, expected at most 800 ms" },
  UNKNOWN: {
    severity: "unknown",
    reason: "own-dns",
    text: "the function's resolver gave no answer within 2 s",
  },
} as const;

type State = Change["to"];

function changeTo(to: State, parts: Partial<Change> = {}, site = "shop"): PendingNotification {
  const from: State = to === "UP" ? "DOWN" : "UP";
  const first = to === "UP" ? FOUND.DOWN : FOUND[to];
  const incident = {
    ...{
      since: NOW - 12 * MINUTE,
      worst: to === "UP" ? ("DOWN" as const) : to,
      first: [first],
      latest: [first],
    },
    ...(to === "UP" && { until: NOW - MINUTE }),
  };
  const probe = {
    address: "192.0.2.7",
    phases: { dns: 3, connect: 12, tls: 21, firstByte: 180, total: 216 },
  };
  return {
    site,
    change: {
      ...{ id: `${site}-1`, kind: "change", from, to, at: NOW, incident, probe },
      ...{ lastGood: NOW - 13 * MINUTE, thread: { id: "t1", sequence: to === "UP" ? 2 : 1 } },
      findings: to === "UP" ? [] : [FOUND[to]],
      ...parts,
    } as Change,
  };
}

const MONITOR: MonitorChange = {
  ...{ id: "m1", suspected: true, silent: "network", at: NOW, since: NOW - 2 * MINUTE, failing: 9, of: 10 },
  examples: ["shop: 192.0.2.7:443 gave no answer within 5 s"],
};

const RESOLVER = {
  silent: "resolver" as const,
  examples: ["shop: our resolver does not answer for shop.example.com (ESERVFAIL)"],
} satisfies Partial<MonitorChange>;

const said = (...pending: PendingNotification[]): Notification => notificationOf(pending, OCCASION);

/** A change to each state, the other kinds of change, and what is more than one change of one site. */
const KINDS: Readonly<Record<string, readonly Notification[]>> = {
  DOWN: [said(changeTo("DOWN"))],
  DEGRADED: [said(changeTo("DEGRADED"))],
  UNKNOWN: [said(changeTo("UNKNOWN"))],
  UP: [said(changeTo("UP"))],
  reminder: [said(changeTo("DOWN", { kind: "reminder", from: "DOWN" }))],
  flapping: [said(changeTo("DOWN", { kind: "flapping" }))],
  removed: [said(changeTo("UP", { kind: "removed", from: "DOWN" }, "old-shop"))],
  several: [said(changeTo("DOWN"), changeTo("DEGRADED", {}, "checkout"), changeTo("UP", {}, "blog"))],
  monitor: [
    said({ change: MONITOR }),
    said({ change: { ...MONITOR, id: "m2", suspected: false, at: NOW + 9 * MINUTE } }),
    said({ change: { ...MONITOR, ...RESOLVER } }),
    said({ change: { ...MONITOR, ...RESOLVER, id: "m2", suspected: false, at: NOW + 9 * MINUTE } }),
  ],
};

test.each(Object.entries(KINDS))("%s reads as it should", async (kind, notifications) => {
  await expectGolden(GOLDEN, kind, notifications);
});

test("every kind of change has its golden file", () => {
  const kinds = Object.keys(change.shape.kind.def.entries).filter((kind) => kind !== "change");
  const all = [...Object.keys(stateName.def.entries), ...kinds, "several", "monitor"];
  expect(Object.keys(KINDS).toSorted()).toEqual(all.toSorted());
  expectFileForEach(GOLDEN, all);
});
