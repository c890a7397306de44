import type { CostPart } from "../../shared/cost/cost-line.ts";
import type { StageInfo } from "../../shared/monitoring/monitoring.ts";
import type { ServiceConfig } from "../checked-config.ts";
import { monitoringOf } from "../stack/monitoring.ts";
import { monitoringCost } from "./monitoring-cost.ts";

/** A month of the whole service at rest: it watches, and there is nothing to do. */
export function bill(
  { automations, monitoring }: Pick<ServiceConfig, "automations" | "monitoring">,
  info: StageInfo,
): CostPart[] {
  return [
    ...automations.flatMap((automation) => automation.cost(info)),
    { name: "watching Reflex itself", lines: monitoringCost(monitoringOf(automations, info), monitoring) },
  ];
}
