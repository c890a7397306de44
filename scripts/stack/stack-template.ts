import type { Template } from "../../shared/cloudformation/resource.ts";
import { serviceResources } from "../../shared/cloudformation/service-resources.ts";
import type { StageInfo } from "../../shared/monitoring/monitoring.ts";
import type { ServiceConfig } from "../checked-config.ts";
import { monitoringOf, monitoringResources } from "./monitoring.ts";
import { regionsOutput } from "./other-regions.ts";

/**
 * What serverless.yml declares under `resources`: what the service shares, what each automation brings, and what watches
 * them.
 *
 * @throws {Error} when two of them bring something under the same logical id
 */
export function stackTemplate({ notify, monitoring, automations }: ServiceConfig, info: StageInfo): Template {
  const { emails, links } = notify;
  const { stage } = info;
  const templates: readonly Template[] = [
    { Resources: serviceResources(emails, stage) },
    ...automations.map((automation) => automation.resources(stage)),
    {
      Resources: monitoringResources(
        monitoringOf(automations, info),
        { emails, ...monitoring, runbook: links?.runbook },
        stage,
      ),
    },
  ];
  return {
    Resources: united(templates.map(({ Resources }) => Resources)),
    Outputs: united([...templates.map(({ Outputs = {} }) => Outputs), regionsOutput(automations)]),
  };
}

function united<T>(parts: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  const entries = parts.flatMap((part) => Object.entries(part));
  const ids = new Set<string>();
  for (const [id] of entries) {
    if (ids.has(id)) throw new Error(`The stack would have two resources of the logical id ${id}.`);
    ids.add(id);
  }
  return Object.fromEntries(entries);
}
