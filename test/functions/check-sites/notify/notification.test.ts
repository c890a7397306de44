import { describe, expect, test } from "vitest";
import type { SitePolicy } from "../../../../functions/check-sites/config/policy.ts";
import { compileSite, type Site } from "../../../../functions/check-sites/config/site.ts";
import { messagesFor } from "../../../../functions/check-sites/notify/messages.ts";
import { notificationOf, type Occasion } from "../../../../functions/check-sites/notify/notification.ts";
import type { PendingNotification } from "../../../../functions/check-sites/state/outbox.ts";
import type { Change } from "../../../../functions/check-sites/state/state.ts";
import { asText } from "../../../../shared/notify/as-text.ts";
import { asSubject, notification } from "../../../../shared/notify/notification.ts";
import { publishedBytes } from "../../../../shared/notify/notify.ts";
import { durationText } from "../../../../shared/time/duration.ts";

const siteOf = (name: string, policy: SitePolicy): Site => {
  const compiled = compileSite(name, policy);
  if ("problems" in compiled) throw new Error("the site does not compile");
  return compiled.site;
};

const NOW = Date.parse("2026-03-01T10:00:00Z");
const MINUTE = 60_000;
const OCCASION: Occasion = {
  now: NOW,
  runId: "run-1",
  sites: [siteOf("shop", { url: "https://shop.example.com/", runbook: "https://wiki.example.com/shop" })],
  actions: [],
};

const finding = { severity: "down" as const, reason: "status" as const, text: "status is 500, expected 200" };
const incident = { since: NOW - 12 * MINUTE, worst: "DOWN" as const, first: [finding], latest: [finding] };
const down = (site: string, parts: Partial<Change> = {}): PendingNotification => ({
  site,
  change: {
    id: `${site}-1`,
    kind: "change",
    from: "UP",
    to: "DOWN",
    at: NOW,
    incident,
    findings: [finding],
    ...parts,
  },
});
const up = (site: string): PendingNotification =>
  down(site, { from: "DOWN", to: "UP", findings: [], incident: { ...incident, until: NOW - MINUTE } });
const notified = (...pending: PendingNotification[]) => notification.parse(notificationOf(pending, OCCASION));

describe("the headline", () => {
  test("of one site says what failed and the value", () => {
    expect(notified(down("shop")).headline).toBe("shop is DOWN: status is 500, expected 200");
  });
  test("of a recovery says how long it lasted", () => {
    expect(notified(up("shop")).headline).toBe("shop is UP again after 11 min DOWN");
  });
  test("of a reminder says how long it has lasted", () => {
    expect(notified(down("shop", { kind: "reminder", from: "DOWN" })).headline).toBe(
      "shop is still DOWN, for 12 min: status is 500, expected 200",
    );
  });
  test("of several counts them", () => {
    expect(notified(down("a"), down("b"), up("c")).headline).toBe("2 sites DOWN (a, b), 1 site UP again (c)");
  });
  test("of the monitor comes first", () => {
    const change = {
      id: "m",
      suspected: true,
      silent: "network" as const,
      at: NOW,
      since: NOW,
      failing: 9,
      of: 10,
      examples: ["shop: refused"],
    };
    expect(notified({ change }, down("a")).headline).toBe(
      "no answer from 9 of 10 sites and the canary: the monitor's own network is suspected; a is DOWN: status is 500, expected 200",
    );
  });
  test("is a subject that SNS takes, whatever a site answered", () => {
    const nasty = { ...finding, text: `body is "${"é\n☃".repeat(60)}", expected to contain "ok"` };
    expect(asSubject(notified(down("shop", { findings: [nasty] })))).toMatch(/^[\x20-\x7e]{1,99}$/);
  });
});

describe("the message", () => {
  test("names the last good check and the address", () => {
    expect(asText(notified(down("shop", { lastGood: NOW - 13 * MINUTE })))).toContain(
      "shop: https://shop.example.com/; last good check 2026-03-01T09:47:00Z; runbook https://wiki.example.com/shop",
    );
  });
  test("names the IP address that was talked to, and how long each phase took", () => {
    const probe = {
      address: "203.0.113.7",
      phases: { resolve: 1.5, connect: 20, tls: 30, processing: 400, transfer: 2 },
    };
    expect(asText(notified(down("shop", { probe })))).toContain(
      "https://shop.example.com/ at 203.0.113.7; resolve 1.5 ms, connect 20 ms, tls 30 ms, processing 400 ms, transfer 2 ms;",
    );
  });
  test("names the sites that depend on what is DOWN", () => {
    const sites = ["a", "b"].map((name) => siteOf(name, { url: "https://a.test", dependsOn: ["shop"] }));
    const message = notification.parse(notificationOf([down("shop")], { ...OCCASION, sites }));
    expect(asText(message)).toContain("2 sites depend on it: a, b");
  });
  test("of a recovery says when it began and with what", () => {
    expect(asText(notified(up("shop")))).toContain(
      "from 2026-03-01T09:48:00Z to 2026-03-01T09:59:00Z; it began with status: status is 500, expected 200",
    );
  });
  test("has the ledger's latest acts, newest first, five at most", () => {
    const act = (minutes: number) => ({
      intent: {
        id: String(minutes),
        at: NOW - minutes * MINUTE,
        automation: "reshard-streams",
        action: "kinesis:UpdateShardCount",
        direction: "out" as const,
        from: 1,
        to: 2,
        reasons: [],
        evidence: {},
        trigger: "alarm x",
      },
      outcome: { result: "applied" as const, at: NOW },
    });
    const actions = [{ resource: "stream/orders", entries: [1, 7, 3, 9, 2, 4].map(act) }];
    const { events } = notificationOf([down("shop")], { ...OCCASION, actions });
    expect(events.map(({ at }) => at.slice(14, 16))).toEqual(["59", "58", "57", "56", "53"]);
    expect(events[0]?.text).toBe("stream/orders: kinesis:UpdateShardCount 1 -> 2, applied (alarm x)");
  });
  test("has the id of its one change, so that a second delivery is known", () => {
    expect(notified(down("shop")).id).toBe("shop-1");
  });
  test("of a thousand sites names the rest, and is several where SNS would not take one, with every change in them", () => {
    const long = { ...finding, text: "x".repeat(120) };
    const all = Array.from({ length: 1000 }, (_, index) =>
      down(`a-site-with-a-long-name-${index}`, { findings: [long] }),
    );
    const one = notified(...all);
    expect(one.headline).toMatch(/^1000 sites DOWN \(/);
    expect(one.work.at(-1)?.name).toBe("960 more");
    const messages = messagesFor(all, OCCASION).map(({ notification }) => notification);
    for (const message of messages) expect(publishedBytes(message)).toBeLessThan(256 * 1024);
    expect(messages.flatMap(({ changes }) => changes ?? [])).toHaveLength(1000);
  });
});

test.each([
  [42_000, "42 s"],
  [119_000, "119 s"],
  [120_000, "2 min"],
  [59 * MINUTE, "59 min"],
  [3 * 60 * MINUTE, "3 h"],
  [185 * MINUTE, "3 h 5 min"],
  [52 * 60 * MINUTE, "2 d 4 h"],
])("%i ms is spoken as %s", (ms, words) => {
  expect(durationText(ms)).toBe(words);
});
