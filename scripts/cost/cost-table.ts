import type { Automation } from "../../shared/automation/automation.ts";
import { sumOf } from "../../shared/cost/cost-line.ts";
import type { StageInfo } from "../../shared/monitoring/monitoring.ts";
import { sampleConfig } from "./more-of-each.ts";

const COUNTS = [1, 10, 100] as const;

/** The README's table: the cost of watching 1, 10 and 100 streams with the default policy. */
export function costTable(automations: readonly Automation[], info: StageInfo): string {
  const streams = automations.filter(({ name }) => name === "reshard-streams");
  const bills = COUNTS.map((count) =>
    sampleConfig(
      Object.fromEntries(streams.map(({ config }) => [config.section, config.sample.section(count)])),
      streams,
    ).automations.flatMap((automation) => automation.cost(info).flatMap(({ lines }) => lines)),
  );
  const [first = []] = bills;
  const row = (name: string, amounts: readonly number[]) =>
    `| ${name} | ${amounts.map((usd) => `$${usd.toFixed(2)}`).join(" | ")} |`;
  return [
    `| | ${COUNTS.map((count) => (count === 1 ? "1 stream" : `${count} streams`)).join(" | ")} |`,
    `|---|${COUNTS.map(() => "---:").join("|")}|`,
    ...first.map(({ what }, line) =>
      row(
        what,
        bills.map((bill) => bill[line]?.usd ?? 0),
      ),
    ),
    row("**together**", bills.map(sumOf)),
  ].join("\n");
}
