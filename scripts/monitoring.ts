import { monitoring as watchCheckSites } from "../functions/check-sites/deploy/monitoring.ts";
import { monitoring as watchDrainNodes } from "../functions/drain-nodes/deploy/monitoring.ts";
import { monitoring as watchIngestEvents } from "../functions/ingest-events/deploy/monitoring.ts";
import { monitoring as watchReshardStreams } from "../functions/reshard-streams/deploy/monitoring.ts";
import { monitoring as watchScaleNodePools } from "../functions/scale-node-pools/deploy/monitoring.ts";
import type { Resource } from "../shared/cloudformation/resource.ts";
import { type AlarmSpec, alarmResource } from "../shared/monitoring/alarm.ts";
import { dashboardBody } from "../shared/monitoring/dashboard.ts";
import { functionsSection } from "../shared/monitoring/functions-section.ts";
import type { StageInfo } from "../shared/monitoring/monitored.ts";
import type { DashboardSection } from "../shared/monitoring/section.ts";
import { sharedAlarms, sharedSection } from "../shared/monitoring/shared-resources.ts";
import { alarmTopic } from "../shared/monitoring/topic.ts";
import type { Sections } from "./checked-config.ts";
import type { FunctionLimits } from "./function-limits.ts";

/** What is watched of the whole service, for one config and stage. */
export interface ServiceMonitoring {
  readonly alarms: readonly AlarmSpec[];
  readonly sections: readonly DashboardSection[];
}

/** @throws {Error} for a function of which no function.yml is known */
export function monitoringOf(
  { streams, sites, nodePools, ingest }: Pick<Sections, "streams" | "sites" | "nodePools" | "ingest">,
  stage: string,
  limits: ReadonlyMap<string, FunctionLimits>,
): ServiceMonitoring {
  const place: StageInfo = {
    stage,
    timeoutMs(name) {
      const known = limits.get(name);
      if (!known)
        throw new Error(`functions/: no function ${name} is declared there, and it is to be watched.`);
      return known.timeoutMs;
    },
  };
  const automations = [
    watchReshardStreams(streams, place),
    watchCheckSites(sites, place),
    watchScaleNodePools(nodePools, place),
    watchDrainNodes(nodePools, place),
    watchIngestEvents(ingest, place),
  ];
  const functions = automations.flatMap((one) => one.functions);
  return {
    alarms: [...sharedAlarms(stage), ...automations.flatMap(({ alarms }) => alarms)],
    sections: [
      functionsSection(functions, stage),
      ...automations.flatMap(({ section }) => section ?? []),
      sharedSection(stage, Object.keys(ingest.tables)),
    ],
  };
}

/** The alarms, the topic they call on, and the dashboard. */
export function monitoringResources(
  { alarms, sections }: ServiceMonitoring,
  emails: readonly string[],
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
    Dashboard: {
      Type: "AWS::CloudWatch::Dashboard",
      Properties: { DashboardName: `reflex-${stage}`, DashboardBody: { "Fn::Sub": JSON.stringify(body) } },
    },
  };
}
