import type { ConfiguredAutomation } from "../../shared/automation/automation.ts";
import type { Resource } from "../../shared/cloudformation/resource.ts";
import { type AlarmSpec, alarmResource } from "../../shared/monitoring/alarm.ts";
import { type CompositeSpec, compositeAlarm } from "../../shared/monitoring/composite-alarm.ts";
import { type DashboardBody, dashboardBody } from "../../shared/monitoring/dashboard.ts";
import { SWEEP_PREFIX } from "../../shared/monitoring/function-alarms.ts";
import { functionsSection } from "../../shared/monitoring/functions-section.ts";
import type { StageInfo } from "../../shared/monitoring/monitoring.ts";
import type { DashboardSection } from "../../shared/monitoring/section.ts";
import {
  notWorking,
  objectivesSection,
  serviceObjectives,
} from "../../shared/monitoring/service-objectives.ts";
import { sharedAlarms, sharedSection } from "../../shared/monitoring/shared-resources.ts";
import { alarmTopics } from "../../shared/monitoring/topic.ts";

/** What is watched of the whole service, for one config and stage. */
export interface ServiceMonitoring {
  readonly alarms: readonly AlarmSpec[];
  readonly composites: readonly CompositeSpec[];
  readonly sections: readonly DashboardSection[];
}

/** @throws {Error} for a function of which no function.yml is known */
export function monitoringOf(
  automations: readonly ConfiguredAutomation[],
  info: StageInfo,
): ServiceMonitoring {
  // Where nothing is deployed, nothing can fail.
  if (automations.length === 0) return { alarms: [], composites: [], sections: [] };
  const all = automations.map((automation) => automation.monitoring(info));
  const own = all.flatMap(({ alarms }) => alarms);
  const sweeps = own.map(({ name }) => name).filter((name) => name.startsWith(SWEEP_PREFIX));
  return {
    alarms: [...sharedAlarms(info.stage), ...own],
    composites: [notWorking(sweeps)],
    sections: [
      objectivesSection(serviceObjectives(info.stage)),
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

interface AlarmSettings {
  readonly emails: readonly string[];
  readonly dashboard: boolean;
  /** Where docs/ can be read. */
  readonly runbook?: string | undefined;
}

/** The alarms, the topic they notify, and the dashboard where the config asks for one. */
export function monitoringResources(
  { alarms, composites, sections }: ServiceMonitoring,
  { emails, dashboard, runbook }: AlarmSettings,
  stage: string,
): Record<string, Resource> {
  const body = dashboardBody(
    [...composites, ...alarms].map(({ name }) => name),
    sections,
    stage,
  );
  return {
    ...alarmTopics(emails, stage),
    ...Object.fromEntries(alarms.map((alarm) => alarmResource(alarm, stage, runbook))),
    ...Object.fromEntries(composites.map((composite) => compositeAlarm(composite, stage, runbook))),
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
