import type { ConfiguredAutomation } from "../../shared/automation/automation.ts";
import type { Resource, Template } from "../../shared/cloudformation/resource.ts";

/**
 * What of the service is deployed in other regions: the same small stack in each, named after the region the service is
 * in, so that the services of two regions do not meet.
 */
export function stackElsewhere(stage: string, home: string): string {
  return `reflex-${stage}-for-${home}`;
}

type Automations = readonly ConfiguredAutomation[];

/** The other regions that the config asks for. */
export function regionsElsewhere(automations: Automations): readonly string[] {
  return [...new Set(automations.flatMap((automation) => automation.regionsElsewhere))];
}

/** The functions that are deployed there, without what is around their names. */
export function functionsElsewhere(automations: Automations): readonly string[] {
  return inUseElsewhere(automations).flatMap(({ otherRegions }) => otherRegions?.functions ?? []);
}

/** What the stack has beside the functions. */
export function templateElsewhere(automations: Automations, stage: string, home: string): Template {
  const templates = inUseElsewhere(automations).map((one) => one.resourcesElsewhere(stage, home));
  return { Resources: Object.assign({}, ...templates.map(({ Resources }) => Resources)) };
}

/** A region cannot be another than itself. */
export function regionProblems(automations: Automations, home: string): readonly string[] {
  if (!regionsElsewhere(automations).includes(home)) return [];
  return [`regions: found ${home} among the other regions, expected only regions that this stack is not in`];
}

/** By this output a later deploy, or a remove, finds what is in other regions. */
export const OTHER_REGIONS = "OtherRegions";

export function regionsOutput(automations: Automations): Readonly<Record<string, Resource>> {
  const regions = regionsElsewhere(automations);
  if (regions.length === 0) return {};
  const Description = "Other regions in which this service has a stack";
  return { [OTHER_REGIONS]: { Description, Value: regions.join(" ") } };
}

const inUseElsewhere = (automations: Automations): Automations =>
  automations.filter((automation) => automation.regionsElsewhere.length > 0);
