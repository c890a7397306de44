import { describe, expect, it } from "vitest";
import { csvHistory } from "../../../scripts/backtest/history/csv.ts";
import { policyOf, withSettings } from "../../../scripts/backtest/policy.ts";
import { failIf } from "../../../scripts/backtest/report/fail-if.ts";
import { backtest } from "../../../scripts/backtest/report/report.ts";
import { textOf } from "../../../scripts/backtest/report/text.ts";
import { parseConfigFile } from "../../../shared/config/read-file.ts";

const START = Date.parse("2026-11-14T00:00:00Z");
const SHARD_BYTES = 62_914_560;
const DAY = 1440;

const CONFIG = parseConfigFile(
  ["streams:", "  orders:", "    max: 40", "  clicks-*:", "    max: 10", "    prefer: cost"].join("\n"),
  "config/dev.yml",
);

/** So many minutes of a demand in shards' worth. */
const history = (minutes: number, demandAt: (minute: number) => number, extra = "") =>
  csvHistory(
    [
      `time,bytes,records${extra && ",openShards,refused"}`,
      ...Array.from({ length: minutes }, (_, minute) => {
        const demand = demandAt(minute);
        const cells = [
          START / 1000 + minute * 60,
          Math.round(demand * SHARD_BYTES),
          Math.round(demand * 30_000),
        ];
        return cells.join(",") + extra;
      }),
    ].join("\n"),
    "orders.csv",
  );

describe("the policy of a backtest", () => {
  it("is the config's, by the stream's own entry or a pattern; without one the defaults, and it says so", () => {
    expect(policyOf(CONFIG, "orders").policy).toMatchObject({ max: 40, prefer: "balanced" });
    expect(policyOf(CONFIG, "clicks-eu").policy).toMatchObject({ max: 10, prefer: "cost", scaleOutAt: 0.95 });
    const other = policyOf(CONFIG, "other");
    expect(other.policy.max).toBe(10_000);
    expect(other.note).toContain("No entry of config/dev.yml matches other");
  });

  it("can be changed: by values as in the config, also below a key, defaults made anew", () => {
    const { raw } = policyOf(CONFIG, "clicks-eu");
    expect(
      withSettings(raw, ["prefer=headroom", "shardCapacity.recordsPerSecond=500"], "clicks-eu"),
    ).toMatchObject({
      ...{ max: 10, prefer: "headroom", scaleOutAt: 0.75 },
      shardCapacity: { recordsPerSecond: 500, bytesPerSecond: 1_048_576 },
    });
  });

  it.each([
    [
      ["targetUtilisation=2"],
      "--set targetUtilisation=2: streams.orders.targetUtilisation: found 2, expected at most 1",
    ],
    [
      ["targetUtilization=0.5"],
      "--set targetUtilization=0.5: streams.orders.targetUtilization: is no key here, did you mean targetUtilisation?",
    ],
    [["min=50"], "--set min=50: streams.orders.min: found 50, expected at most max (40)"],
    [["max=ten"], '--set max=ten: streams.orders.max: found "ten", expected a'],
    [["max"], '--set: found "max", expected a key and a value such as targetUtilisation=0.7'],
  ])("%j is wrong as it would be in the config", (settings, message) => {
    expect(() => withSettings(policyOf(CONFIG, "orders").raw, settings, "orders")).toThrow(message);
  });

  it("is not run when the config is wrong", () => {
    const wrong = parseConfigFile("streams:\n  orders:\n    max: 0\n", "config/dev.yml");
    expect(() => policyOf(wrong, "orders")).toThrow(
      "config/dev.yml:3:5: streams.orders.max: found 0, expected at least 1",
    );
  });
});

describe("a backtest", () => {
  const day = (minute: number) => 4.4 - 3.6 * Math.cos((2 * Math.PI * minute) / DAY);

  it("compares the policy with a fixed count, on-demand and hindsight", () => {
    const { report } = backtest(history(2 * DAY, day), policyOf(CONFIG, "orders"), []);
    const row = (kind: string) => report.alternatives.find((one) => one.kind === kind);
    expect(report.baseline.kind).toBe("static");
    // The peak of 8.0 needs 10 shards at 80 %, 24 hours a day: $0.015 an hour, and 0.014 a million records.
    const records = Array.from({ length: 2 * DAY }, (_, at) => Math.round(day(at) * 30_000)).reduce(
      (a, b) => a + b,
    );
    const putUnits = (records / 2 / 24 / 1e6) * 0.014 * 730;
    expect(row("static")).toMatchObject({ meanShards: 10, refusedRecords: 0, callsPerDay: 0 });
    expect(row("static")?.usdPerMonth).toBeCloseTo(10 * 0.015 * 730 + putUnits, 1);
    expect(row("hindsight")?.meanShards).toBeGreaterThan(4.4 / 0.8);
    expect(row("policy")?.usdPerMonth).toBeGreaterThan(row("hindsight")?.usdPerMonth ?? 0);
    expect(row("policy")?.usdPerMonth).toBeLessThan(row("static")?.usdPerMonth ?? 0);
    // 4.4 MiB/s in the mean are 11,290 GB in 730 hours, at $0.08 in and $0.04 out, and the stream's hours. Records of 2,097
    // bytes are billed as whole KiB: half a KiB more in the mean.
    const gb = (4.4 * 3600 * 730) / 1024;
    const usdPerGb = 0.08 * ((2097 + 512) / 2097) + 0.04;
    expect(row("on-demand")?.usdPerMonth).toBeCloseTo(gb * usdPerGb + 29.2, -1);
    expect(row("on-demand-advantage")?.usdPerMonth).toBeCloseTo(gb * usdPerGb * 0.4, -1);
    expect(report.episodes).toEqual([]);
    expect(textOf(report)).toContain("It refused no record.");
  });

  it("names each episode of refusals, its cause, and the key that would have prevented it", () => {
    const step = (minute: number) => (minute < 600 ? 1 : 9);
    const capped = backtest(history(DAY, step), policyOf(CONFIG, "orders"), ["max=6"]).report;
    expect(capped.episodes[0]?.cause).toBe("max is 6, and it needed 9 shards");
    expect(capped.episodes[0]?.at).toBe(START + 600 * 60_000);
    expect(capped.episodes[0]?.prevention?.setting).toBe("max=12");
    const free = backtest(history(DAY, step), policyOf(CONFIG, "orders"), []).report;
    expect(free.episodes).toHaveLength(1);
    expect(free.episodes[0]?.cause).toContain("the traffic rose from 1.0 to 9.0 shards' worth");
    expect(free.episodes[0]?.prevention).toMatchObject({ setting: "min=12", share: 1 });
    expect(free.episodes[0]?.prevention?.usdPerMonthMore).toBeGreaterThan(0);
  });

  it("is against what the stream was, and warns that refused writes make the demand a lower bound", () => {
    const recorded = history(DAY, () => 3, ",8,100");
    const { report } = backtest(recorded, policyOf(CONFIG, "orders"), ["targetUtilisation=0.6"]);
    expect(report.baseline).toMatchObject({ kind: "recorded", name: "as it is: 8 shards", meanShards: 8 });
    expect(report.about.kind).toBe("changed");
    expect(report.warnings.join("\n")).toMatch(/144,000 records were refused in 1440 minutes .* lower bound/);
    expect(report.warnings.join("\n")).toContain("less than half of the shards: a hot key, or bursts");
    expect(textOf(report)).toMatch(
      /^orders, 24.0 hours to .*: the policy with targetUtilisation=0.6 saves \$\d/,
    );
  });

  it.each([
    ["refused > 0.1 %", undefined],
    ["refused >= 0", "refused >= 0: found 0 %"],
    ["saved < 0 usd", undefined],
    ["calls>100 a day", undefined],
    ["delay <= 5 min", "delay <= 5 min: found 0 min"],
  ])("fails if %s, or not", (condition, found) => {
    const { report } = backtest(
      history(120, () => 1),
      policyOf(CONFIG, "orders"),
      [],
    );
    expect(failIf(condition)(report)).toBe(found);
  });

  it.each(["refused > 0.1 usd", "refusd > 1", "refused = 1", "refused > much", ""])(
    "--fail-if '%s' is no condition",
    (condition) => {
      expect(() => failIf(condition)).toThrow(`--fail-if: found "${condition}", expected a measure`);
    },
  );
});
