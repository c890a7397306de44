import { metricsOf } from "../shared/monitoring/alarm.ts";
import type { CostLine } from "./cost-line.ts";
import type { ServiceMonitoring } from "./monitoring.ts";
import { PRICES } from "./prices.ts";

/** What watching Reflex itself costs a month. */
export function watchCost({ alarms }: Pick<ServiceMonitoring, "alarms">): CostLine[] {
  const metrics = alarms.reduce((sum, alarm) => sum + metricsOf(alarm).length, 0);
  return [
    {
      what: "CloudWatch: the alarms, by the metrics they watch",
      usd: metrics * PRICES.cloudwatchAlarmMetric,
    },
    { what: "CloudWatch: the dashboard", usd: PRICES.cloudwatchDashboard },
    { what: "KMS: the key of the alarms' topic", usd: PRICES.kmsKey },
  ];
}
