import { fileURLToPath } from "node:url";
import { accountSchema } from "../../scripts/account/account-config.ts";
import { checkedConfig } from "../../scripts/checked-config.ts";
import { functionFiles, stageInfo } from "../../scripts/stack/function-files.ts";
import { stackTemplate } from "../../scripts/stack/stack-template.ts";
import { asDemanded } from "../../scripts/template/account.ts";
import { DEFAULT_REGION } from "../service.ts";
import { references } from "./intrinsics.ts";
import { parseTemplate, type Template } from "./template.ts";

/** Variables for a function's environment, by the function's name. */
export type FunctionEnvironments = Readonly<Record<string, Readonly<Record<string, string>>>>;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * A packaged template whose functions have the roles, and the VPC, of the config they are run with. A role follows from the config:
 * where a function is given another `REFLEX_CONFIG` than the one that was packaged, it gets the role that a deploy of
 * that config would give it, with what the role refers to. One with a config that is wrong keeps the role that was packaged.
 */
export async function withRolesOfConfigs(
  template: Template,
  environments: FunctionEnvironments,
): Promise<Template> {
  const Resources = { ...template.Resources };
  for (const [functionName, { REFLEX_CONFIG }] of Object.entries(environments)) {
    const functionId = functionIdOf(template, functionName);
    const roleId = roleIdOf(template, functionId);
    const [, stage] = /^reflex-([a-z0-9]+)-/.exec(functionName) ?? [];
    if (!REFLEX_CONFIG || !functionId || !roleId || !stage) continue;
    const ofConfig = await resourcesOf(REFLEX_CONFIG, stage, template, functionId);
    const role = ofConfig[roleId];
    if (role)
      Object.assign(Resources, pick(ofConfig, functionId, roleId), missing(role, Resources, ofConfig));
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

/** What a deploy of the config would create, with the function in the VPC that the config names. */
async function resourcesOf(
  configFile: string,
  stage: string,
  packaged: Template,
  functionId: string,
): Promise<Resources> {
  const checked = await checkedConfig(ROOT, configFile);
  if ("problems" in checked) return {};
  const { Resources } = parseTemplate(
    stackTemplate(checked.config, stageInfo(stage, functionFiles(ROOT))),
    configFile,
  );
  const all = { ...Resources, ...pick(packaged.Resources, functionId) };
  const { vpc } = checked.config.account;
  if (Object.keys(vpc).length === 0) return all;
  const account = { ...accountSchema.parse({}), vpc };
  const demanded = asDemanded(all, { stage, region: DEFAULT_REGION, account });
  return parseTemplate({ Resources: demanded }, configFile).Resources;
}

const pick = (resources: Resources, ...ids: readonly string[]): Resources =>
  Object.fromEntries(Object.entries(resources).filter(([id]) => ids.includes(id)));

const functionIdOf = ({ Resources }: Template, functionName: string): string | undefined =>
  Object.entries(Resources).find(
    ([, { Type, Properties }]) =>
      Type === "AWS::Lambda::Function" && Properties?.FunctionName === functionName,
  )?.[0];

function roleIdOf({ Resources }: Template, functionId: string | undefined): string | undefined {
  const role = functionId === undefined ? undefined : Resources[functionId]?.Properties?.Role;
  const of: unknown = typeof role === "object" && role !== null ? Reflect.get(role, "Fn::GetAtt") : undefined;
  return Array.isArray(of) && typeof of[0] === "string" ? of[0] : undefined;
}
