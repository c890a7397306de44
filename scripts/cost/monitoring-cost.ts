import type { CostLine } from "../../shared/cost/cost-line.ts";
import { PRICES } from "../../shared/cost/prices.ts";
import { metricsOf } from "../../shared/monitoring/alarm.ts";
import type { ServiceMonitoring } from "../stack/monitoring.ts";

/** What watching Reflex itself costs a month. */
export function monitoringCost(
  { alarms }: Pick<ServiceMonitoring, "alarms">,
  { dashboard }: { readonly dashboard: boolean },
): CostLine[] {
  const metrics = alarms.reduce((sum, alarm) => sum + metricsOf(alarm).length, 0);
  return [
    {
      what: "CloudWatch: the alarms, by the metrics they watch",
      usd: metrics * PRICES.cloudwatchAlarmMetric,
    },
    ...(dashboard ? [{ what: "CloudWatch: the dashboard", usd: PRICES.cloudwatchDashboard }] : []),
  ];
}
