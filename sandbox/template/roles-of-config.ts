import { fileURLToPath } from "node:url";
import { checkedConfig } from "../../scripts/checked-config.ts";
import { functionFiles, stageInfo } from "../../scripts/stack/function-files.ts";
import { stackTemplate } from "../../scripts/stack/stack-template.ts";
import { references } from "./intrinsics.ts";
import { parseTemplate, type Template } from "./template.ts";

/** Variables for a function's environment, by the function's name. */
export type FunctionEnvironments = Readonly<Record<string, Readonly<Record<string, string>>>>;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A packaged template whose functions have the roles of the config they are run with. A role follows from the config:
 * where a function is given another `REFLEX_CONFIG` than the one that was packaged, it gets the role that a deploy of
 * that config would give it, with what the role refers to. One with a config that is wrong keeps the role that was packaged.
 */
export async function withRolesOfConfigs(
  template: Template,
  environments: FunctionEnvironments,
): Promise<Template> {
  const Resources = { ...template.Resources };
  for (const [functionName, { REFLEX_CONFIG }] of Object.entries(environments)) {
    const roleId = roleIdOf(template, functionName);
    const [, stage] = /^reflex-([a-z0-9]+)-/.exec(functionName) ?? [];
    if (REFLEX_CONFIG === undefined || roleId === undefined || stage === undefined) continue;
    const ofConfig = await resourcesOf(REFLEX_CONFIG, stage);
    const role = ofConfig[roleId];
    if (role) Object.assign(Resources, { [roleId]: role }, missing(role, Resources, ofConfig));
  }
  return { ...template, Resources };
}

type Resources = Template["Resources"];

/** What a resource refers to and the template does not have, for example a bucket; and what that refers to. */
function missing({ Properties }: Resources[string], present: Resources, ofConfig: Resources): Resources {
  const found: Record<string, Resources[string]> = {};
  for (const id of references(Properties)) {
    const resource = ofConfig[id];
    if (present[id] || !resource) continue;
    Object.assign(found, { [id]: resource }, missing(resource, { ...present, [id]: resource }, ofConfig));
  }
  return found;
}

async function resourcesOf(configFile: string, stage: string): Promise<Resources> {
  const checked = await checkedConfig(ROOT, configFile);
  if ("problems" in checked) return {};
  const resources = stackTemplate(checked.config, stageInfo(stage, functionFiles(ROOT)));
  return parseTemplate(resources, configFile).Resources;
}

function roleIdOf({ Resources }: Template, functionName: string): string | undefined {
  const declared = Object.values(Resources).find(
    ({ Type, Properties }) => Type === "AWS::Lambda::Function" && Properties?.FunctionName === functionName,
  );
  const role = declared?.Properties?.Role;
  const of: unknown = typeof role === "object" && role !== null ? Reflect.get(role, "Fn::GetAtt") : undefined;
  return Array.isArray(of) && typeof of[0] === "string" ? of[0] : undefined;
}
