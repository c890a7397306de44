import type { ConfiguredAutomation } from "../../shared/automation/automation.ts";
import type { Resource } from "../../shared/cloudformation/resource.ts";
import { type AlarmSpec, alarmResource } from "../../shared/monitoring/alarm.ts";
import { type DashboardBody, dashboardBody } from "../../shared/monitoring/dashboard.ts";
import { functionsSection } from "../../shared/monitoring/functions-section.ts";
import type { StageInfo } from "../../shared/monitoring/monitoring.ts";
import type { DashboardSection } from "../../shared/monitoring/section.ts";
import { sharedAlarms, sharedSection } from "../../shared/monitoring/shared-resources.ts";
import { alarmTopic } from "../../shared/monitoring/topic.ts";

/** What is watched of the whole service, for one config and stage. */
export interface ServiceMonitoring {
  readonly alarms: readonly AlarmSpec[];
  readonly sections: readonly DashboardSection[];
}

/** @throws {Error} for a function of which no function.yml is known */
export function monitoringOf(
  automations: readonly ConfiguredAutomation[],
  info: StageInfo,
): ServiceMonitoring {
  // Where nothing is deployed, nothing can fail.
  if (automations.length === 0) return { alarms: [], sections: [] };
  const all = automations.map((automation) => automation.monitoring(info));
  return {
    alarms: [...sharedAlarms(info.stage), ...all.flatMap(({ alarms }) => alarms)],
    sections: [
      functionsSection(
        automations.flatMap(({ functions }) => functions),
        info.stage,
      ),
      ...all.flatMap(({ section }) => section ?? []),
      sharedSection(info.stage, {
        tables: all.flatMap(({ tables = [] }) => tables),
        queues: all.flatMap(({ queues = [] }) => queues),
      }),
    ],
  };
}

/** The alarms, the topic they notify, and the dashboard where the config asks for one. */
export function monitoringResources(
  { alarms, sections }: ServiceMonitoring,
  { emails, dashboard }: { readonly emails: readonly string[]; readonly dashboard: boolean },
  stage: string,
): Record<string, Resource> {
  const body = dashboardBody(
    alarms.map(({ name }) => name),
    sections,
    stage,
  );
  return {
    ...alarmTopic(emails, stage),
    ...Object.fromEntries(alarms.map((alarm) => alarmResource(alarm, stage))),
    ...(dashboard && { Dashboard: dashboardResource(body, stage) }),
  };
}

const dashboardResource = (body: DashboardBody, stage: string): Resource => ({
  Type: "AWS::CloudWatch::Dashboard",
  Properties: {
    // Dashboards are in no region.
    DashboardName: { "Fn::Sub": `reflex-${stage}-\${AWS::Region}` },
    DashboardBody: { "Fn::Sub": JSON.stringify(body) },
  },
});
