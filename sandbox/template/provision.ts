import type { CreatedResource, Properties, ResourceType } from "../service.ts";
import { conditionHolds, resolve, type Scope } from "./intrinsics.ts";
import { creationOrder } from "./order.ts";
import type { Template } from "./template.ts";

export interface ProvisionOptions {
  readonly types: Readonly<Record<string, ResourceType>>;
  readonly stackName: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface Provisioned {
  /** What was created, in that order. */
  readonly resources: readonly ProvisionedResource[];
  readonly outputs: Readonly<Record<string, string>>;
  /** What is in the template and not here, one sentence each. */
  readonly notSimulated: readonly string[];
}

export interface ProvisionedResource extends CreatedResource {
  readonly logicalId: string;
  readonly type: string;
}

/**
 * Creates a template's resources, each after those it refers to. A type nobody here knows is listed in
 * `notSimulated`, and whatever refers to it gets a made-up name.
 *
 * @throws {Error} naming the resource that could not be created, with the reason
 */
export async function provision(template: Template, options: ProvisionOptions): Promise<Provisioned> {
  const created = new Map<string, CreatedResource>();
  const scope: Scope = {
    template,
    created,
    stackName: options.stackName,
    parameters: options.parameters ?? {},
  };
  const resources: ProvisionedResource[] = [];
  const missing: string[] = [];

  for (const logicalId of creationOrder(template.Resources)) {
    const resource = template.Resources[logicalId];
    if (!resource || (resource.Condition && !conditionHolds(resource.Condition, scope))) continue;
    const create = options.types[resource.Type];
    if (!create) {
      missing.push(`${logicalId}: the sandbox does not know ${resource.Type}, so there is none.`);
      created.set(logicalId, placeholder(logicalId));
      continue;
    }
    const properties = resolvedProperties(resource.Properties ?? {}, scope, logicalId);
    const made = await create(logicalId, properties).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The sandbox could not create ${logicalId} (${resource.Type}): ${reason}`, {
        cause: error,
      });
    });
    created.set(logicalId, made);
    resources.push({ ...made, logicalId, type: resource.Type });
  }

  return {
    resources,
    outputs: outputsOf(template, scope),
    notSimulated: [...missing, ...resources.flatMap((resource) => resource.notSimulated ?? [])],
  };
}

function resolvedProperties(properties: Properties, scope: Scope, logicalId: string): Properties {
  const resolved: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(properties)) {
    const result = resolve(value, scope, `${logicalId}.${name}`);
    if (result !== undefined) resolved[name] = result;
  }
  return resolved;
}

function outputsOf(template: Template, scope: Scope): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, { Value, Condition }] of Object.entries(template.Outputs ?? {})) {
    if (Condition && !conditionHolds(Condition, scope)) continue;
    outputs[name] = String(resolve(Value, scope, `Outputs.${name}`));
  }
  return outputs;
}

/** Any attribute of a resource that is not there is its name and the attribute's. */
function placeholder(logicalId: string): CreatedResource {
  const attributes = new Proxy<Record<string, string>>(
    {},
    { get: (_, name) => `not-simulated/${logicalId}/${String(name)}` },
  );
  return { ref: `not-simulated/${logicalId}`, attributes };
}
