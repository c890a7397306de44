import { describe, expect, test } from "vitest";
import { siteAt, siteExplanation } from "../../../scripts/ledger/site-lines.ts";
import { siteViews } from "../../../scripts/ledger/site-view.ts";

const MINUTE = 60_000;
const NOW = Date.parse("2026-11-28T02:00:00Z");

const item = (pk: string, state: string, body: object) => ({
  pk: { S: pk },
  state: { S: state },
  body: { S: JSON.stringify(body) },
});

const well = item("site/shop", "UP", {
  ...{ tick: NOW - MINUTE, probedAt: NOW - MINUTE, since: NOW - 180 * MINUTE, sinceTraceId: "1-abc-def" },
  ...{ findings: [], notified: { state: "UP", at: NOW - 180 * MINUTE } },
});

const down = item("site/blog", "DOWN", {
  ...{ tick: NOW - MINUTE, since: NOW - 5 * MINUTE, lastGood: NOW - 8 * MINUTE },
  findings: [{ text: "status: found 503, expected 200" }, { text: "body: found no <title>" }],
});

const past = {
  pk: { S: "incidents" },
  body: {
    S: JSON.stringify({
      incidents: [
        { site: "blog", since: NOW - 7 * MINUTE, worst: "DOWN", cause: "found 503" },
        {
          ...{ site: "shop", since: NOW - 190 * MINUTE, until: NOW - 180 * MINUTE },
          ...{ worst: "DEGRADED", cause: "slow" },
        },
      ],
    }),
  },
};

const [blog, shop] = siteViews([past, well, down]);
if (!blog || !shop) throw new Error("two sites");

describe("why of a site", () => {
  test("a well one: its state since when, the last check, the last change with its trace, what was before", () => {
    expect(siteExplanation(shop, NOW)).toEqual([
      "site/shop  UP for 3 h, since 2026-11-27 23:00:00 UTC",
      "    last check 2026-11-28 01:59:00 UTC, 60 s ago",
      "    every condition holds",
      "    last change notified: UP at 2026-11-27 23:00:00 UTC",
      "    trace 1-abc-def",
      "2026-11-27 22:50:00 UTC  DEGRADED until 2026-11-27 23:00:00 UTC, 10 min: slow",
    ]);
  });

  test("one that is DOWN: each condition that does not hold, and when it was last well", () => {
    expect(siteExplanation(blog, NOW)).toEqual([
      "site/blog  DOWN for 5 min, since 2026-11-28 01:55:00 UTC",
      "    last check 2026-11-28 01:59:00 UTC, 60 s ago",
      "    fails: status: found 503, expected 200",
      "    fails: body: found no <title>",
      "    last check that was UP 2026-11-28 01:52:00 UTC",
      "    no change notified yet",
      "2026-11-28 01:53:00 UTC  DOWN and lasts: found 503",
    ]);
  });

  test.each([
    ["in an incident, its end excluded", 185, /^2026-11-27 22:50:00 UTC {2}DEGRADED until/],
    ["since the last change", 180, /: UP, since 2026-11-27 23:00:00 UTC$/],
    ["before all that is kept", 300, /: no incident is kept of that moment$/],
  ])("at a moment %s", (_, minutesAgo, said) => {
    expect(siteAt(shop, NOW - minutesAgo * MINUTE).at(-1)).toMatch(said);
  });

  test("what another version wrote is left out, and hides no other site", () => {
    const other = { pk: { S: "site/aa" }, state: { S: "UP" }, body: { S: "{" } };
    const incidents = { pk: { S: "incidents" }, body: { S: '{"incidents":1}' } };
    expect(siteViews([other, incidents, well]).map(({ resource }) => resource)).toEqual(["site/shop"]);
  });
});
