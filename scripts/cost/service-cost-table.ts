import type { Automation } from "../../shared/automation/automation.ts";
import { sumOf } from "../../shared/cost/cost-line.ts";
import type { StageInfo } from "../../shared/monitoring/monitoring.ts";
import type { ServiceConfig } from "../checked-config.ts";
import { bill } from "./bill.ts";
import { emptyServiceCost, moreOfEach } from "./more-of-each.ts";

const dollars = (usd: number) => `$${usd.toFixed(2)}`;

/**
 * The README's table of the whole service: a month at rest of one config, and what each resource adds.
 *
 * @param name of the config's file
 */
export function serviceCostTable(
  name: string,
  config: ServiceConfig,
  automations: readonly Automation[],
  info: StageInfo,
): string {
  const parts = bill(config, info);
  const more = [
    ...moreOfEach(automations, info),
    ...automations.flatMap((automation) => automation.costOfUse(info)),
  ];
  return [
    "| | USD a month |",
    "|---|---:|",
    ...parts.map((part) => `| ${part.name} | ${dollars(sumOf(part.lines))} |`),
    `| **together, at rest, by \`${name}\`** | ${dollars(sumOf(parts.flatMap(({ lines }) => lines)))} |`,
    `| the same service with nothing in its config | ${dollars(emptyServiceCost(automations, info))} |`,
    ...more.map(({ what, usd }) => `| ${what} | + ${dollars(usd)} |`),
  ].join("\n");
}
