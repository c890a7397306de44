import type { Automation } from "../../shared/automation/automation.ts";
import { withSections } from "../../shared/config/file.ts";
import { type CostLine, sumOf } from "../../shared/cost/cost-line.ts";
import type { StageInfo } from "../../shared/monitoring/monitoring.ts";
import { configOf, type ServiceConfig } from "../checked-config.ts";
import { bill } from "./bill.ts";

/** USD a month of the service that manages nothing. */
export const emptyServiceCost = (automations: readonly Automation[], info: StageInfo): number =>
  totalOf({}, automations, info);

/** What one more of each resource adds to a month at rest, its alarms included. */
export function moreOfEach(automations: readonly Automation[], info: StageInfo): CostLine[] {
  const bySection = new Map(automations.map(({ config }) => [config.section, config.sample]));
  return [...bySection].map(([section, { what, section: sample }]) => {
    const total = (count: number) => totalOf({ [section]: sample(count) }, automations, info);
    return { what, usd: total(2) - total(1) };
  });
}

function totalOf(sections: object, automations: readonly Automation[], info: StageInfo): number {
  return sumOf(bill(sampleConfig(sections, automations), info).flatMap(({ lines }) => lines));
}

/** @throws {Error} where a descriptor's own sample does not fit its schema */
export function sampleConfig(sections: object, automations: readonly Automation[]): ServiceConfig {
  const checked = configOf(withSections(sections, "sample"), automations);
  if ("config" in checked) return checked.config;
  throw new Error(checked.problems.join("\n"));
}
