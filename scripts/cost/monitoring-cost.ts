import { type CostLine, costLine } from "../../shared/cost/cost-line.ts";
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
    costLine("CloudWatch: the alarms, by the metrics they watch", { cloudwatchAlarmMetric: metrics }),
    costLine("CloudWatch: the composite alarms", { cloudwatchCompositeAlarm: composites.length }),
    ...(dashboard ? [costLine("CloudWatch: the dashboard", { cloudwatchDashboard: 1 })] : []),
  ];
}
