import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asText } from "../../../shared/notify/as-text.ts";
import { asSubject } from "../../../shared/notify/notification.ts";
import { scaleOut } from "./notifications.ts";

describe("the text", () => {
  it("says the work, why, the resource, the events, in that order; then what was done, the cost, the way back", () => {
    expect(asText(scaleOut())).toBe(
      [
        "orders: 2 -> 4 shards (scale-out)",
        "",
        "Who is hurt:",
        "  Refused records (producers): 120",
        "",
        "Why:",
        "  the last 5 minutes' peak needs 1.86 shards' worth of bytes",
        "  one call goes to 4 at most",
        "",
        "Read from:",
        "  Utilisation, recent peak: 93 %",
        "",
        "Before:",
        "  2026-11-21 09:00:00 UTC  kinesis:UpdateShardCount 1 -> 2, applied (schedule)",
        "",
        "Done:",
        "  UpdateShardCount (2 -> 4 shards)",
        "",
        "Cost a month:",
        "  $21.90 -> $43.80",
        "",
        "To undo:",
        "  aws kinesis update-shard-count --stream-name orders --target-shard-count 2",
        "",
        "Runbook:",
        "  docs/runbook.md#undo-a-change",
        "",
        "stream/orders · reshard-streams · 2026-11-21 12:05:14 UTC · trace 1-5759e988-bd862e3fe1be46a994272793",
      ].join("\n"),
    );
  });

  it("leaves out what there is nothing to say of", () => {
    const { costPerMonth: _cost, undo: _undo, traceId: _trace, ...rest } = scaleOut();
    const text = asText({ ...rest, work: [], events: [], done: { what: "nothing" } });
    expect(text).not.toMatch(/Who is hurt|Before|Cost a month|To undo|trace|->.*shards\)$/);
    expect(text).toContain("Done:\n  nothing\n");
  });

  it("of a change without a unit has none", () => {
    expect(asText(scaleOut({ done: { what: "SetDesiredCapacity", from: 2, to: 4 } }))).toContain(
      "SetDesiredCapacity (2 -> 4)\n",
    );
  });
});

describe("the subject", () => {
  it("is the headline in ASCII", () => {
    expect(asSubject(scaleOut({ headline: "orders: 2 → 4 shards — scale-out" }))).toBe(
      "orders: 2 to 4 shards scale-out",
    );
  });

  it("is what SNS takes, whatever the headline: 1 to 99 printable ASCII characters", () => {
    const headline = fc.string({ unit: "binary", maxLength: 300 }).map((text) => `s${text}`);
    fc.assert(
      fc.property(headline, (text) => {
        expect(asSubject(scaleOut({ headline: text }))).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      }),
    );
  });

  it("that is too long is cut, and shows it", () => {
    const subject = asSubject(scaleOut({ headline: "x".repeat(200) }));
    expect(subject).toBe(`${"x".repeat(96)}...`);
  });
});
