import type { CostLine } from "../../shared/cost/cost-line.ts";
import { PRICES } from "../../shared/cost/prices.ts";
import { metricsOf } from "../../shared/monitoring/alarm.ts";
import type { ServiceMonitoring } from "../stack/monitoring.ts";

/** What watching Reflex itself costs a month. */
export function monitoringCost(
  { alarms, composites }: Pick<ServiceMonitoring, "alarms" | "composites">,
  { dashboard }: { readonly dashboard: boolean },
): CostLine[] {
  // A query that groups is billed by what it finds: nothing is published of resources that are served.
  const metrics = alarms.reduce((sum, alarm) => sum + ("query" in alarm.of ? 0 : metricsOf(alarm).length), 0);
  return [
    {
      what: "CloudWatch: the alarms, by the metrics they watch",
      usd: metrics * PRICES.cloudwatchAlarmMetric,
    },
    {
      what: "CloudWatch: the composite alarms",
      usd: composites.length * PRICES.cloudwatchCompositeAlarm,
    },
    ...(dashboard ? [{ what: "CloudWatch: the dashboard", usd: PRICES.cloudwatchDashboard }] : []),
  ];
}
