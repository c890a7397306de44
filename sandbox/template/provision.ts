import { isDeepStrictEqual } from "node:util";
import { messageOf } from "../../shared/errors/message-of.ts";
import { type CreatedResource, DEFAULT_REGION, type Properties, type ResourceType } from "../service.ts";
import { conditionHolds, resolve, type Scope } from "./intrinsics.ts";
import { creationOrder } from "./order.ts";
import { customName, needsReplacement } from "./replacement.ts";
import { TakenNames } from "./taken-names.ts";
import type { Template } from "./template.ts";

export interface ProvisionOptions {
  readonly types: Readonly<Record<string, ResourceType>>;
  readonly stackName: string;
  /** The default region where absent. */
  readonly region?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** What is there already. It is kept up with what is done, also where that ends in an error. */
  readonly existing?: StackResources;
  /** The names that are taken, in this account or in all of AWS. */
  readonly names?: TakenNames;
  /** By logical id, what the operation that is rolled back has created. */
  readonly rolledBack?: ReadonlySet<string>;
  /** By logical id, the name of what is not created but taken: another stack has retained it. */
  readonly imports?: ReadonlyMap<string, string>;
  readonly onStep?: OnStep;
}

/** By logical id, each after those it refers to. */
export type StackResources = Map<string, ProvisionedResource>;

export interface Provisioned {
  /** What is there, in the order in which it was created. */
  readonly resources: readonly ProvisionedResource[];
  readonly outputs: Readonly<Record<string, string>>;
  /** What is in the template and not here, one sentence each. */
  readonly notSimulated: readonly string[];
}

export interface ProvisionedResource extends CreatedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  /** What becomes of it when the stack has it no more. */
  readonly deletionPolicy: DeletionPolicy;
}

/** `RetainExceptOnCreate` retains it, but where the operation that created it is rolled back. */
export type DeletionPolicy = "Delete" | "Retain" | "RetainExceptOnCreate" | "Snapshot";

/** One step of a resource, as CloudFormation reports it. */
export interface Step {
  readonly logicalId: string;
  readonly type: string;
  readonly status: `${Verb | "IMPORT"}_${"IN_PROGRESS" | "COMPLETE" | "FAILED"}` | "DELETE_SKIPPED";
  readonly ref?: string;
  readonly reason?: string;
}

export type OnStep = (step: Step) => void;

type Verb = "CREATE" | "UPDATE" | "DELETE";

const silent: OnStep = () => {};

/**
 * Makes what is there what a template says: resources are created or changed, each after those it refers to, and
 * then those go that the template no longer has. A type nobody here knows is listed in `notSimulated`, and
 * whatever refers to it gets a made-up name.
 *
 * @throws {Error} naming the resource that could not be created or changed, with the reason
 */
export async function provision(template: Template, options: ProvisionOptions): Promise<Provisioned> {
  const { existing = new Map(), onStep = silent, names = new TakenNames(), rolledBack = new Set() } = options;
  const { region = DEFAULT_REGION } = options;
  const created = new Map<string, CreatedResource>();
  const { stackName, parameters = {} } = options;
  const scope: Scope = { template, created, stackName, region, parameters };
  const wanted = new Set<string>();
  const replaced: ProvisionedResource[] = [];
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
    const wish = wishOf(logicalId, resource, scope);
    const before = existing.get(logicalId);
    const imported = options.imports?.get(logicalId);
    const making = { create: nameable(create, stackName, region), names, region, onStep, imported };
    const made = await madeOf(wish, before, making);
    wanted.add(logicalId);
    created.set(logicalId, made);
    // At the end again, so that it stays behind those it refers to now.
    existing.delete(logicalId);
    existing.set(logicalId, { ...made, ...wish });
    if (before && (before.ref !== made.ref || before.type !== resource.Type)) replaced.push(before);
  }

  await removeUnwanted(existing, wanted, replaced, { names, region, rolledBack, onStep });
  const resources = [...existing.values()];
  return {
    resources,
    outputs: outputsOf(template, scope),
    notSimulated: [...missing, ...resources.flatMap((resource) => resource.notSimulated ?? [])],
  };
}

/** What was replaced goes first, then what the template no longer has, each before those it refers to. */
async function removeUnwanted(
  existing: StackResources,
  wanted: ReadonlySet<string>,
  replaced: readonly ProvisionedResource[],
  removal: Removal,
): Promise<void> {
  const left = [...existing.values()].filter(({ logicalId }) => !wanted.has(logicalId)).toReversed();
  for (const resource of replaced) await remove(resource, removal);
  for (const resource of left) {
    await remove(resource, removal);
    existing.delete(resource.logicalId);
  }
}

/** Deletes all of it, each before those it refers to; what is to be retained stays in the account. */
export async function deprovision(
  existing: StackResources,
  {
    names = new TakenNames(),
    region = DEFAULT_REGION,
    rolledBack = new Set(),
    onStep = silent,
  }: Partial<Removal> = {},
): Promise<void> {
  for (const resource of [...existing.values()].toReversed()) {
    await remove(resource, { names, region, rolledBack, onStep });
    existing.delete(resource.logicalId);
  }
}

/** A bucket's name has at most so many characters, and CloudFormation cuts what stands before its random letters. */
const LONGEST_NAME = 63;

/**
 * CloudFormation adds some random letters, so that the name is no other account's nor region's; here the region stands for
 * them.
 */
const nameable =
  (create: ResourceType, stackName: string, region: string) =>
  (logicalId: string, properties: Properties) => {
    const name = `${stackName}-${logicalId}`;
    if (region === DEFAULT_REGION) return create(logicalId, properties, name);
    const suffix = `-${region}`;
    return create(logicalId, properties, name.slice(0, LONGEST_NAME - suffix.length) + suffix);
  };

type Wish = Pick<ProvisionedResource, "logicalId" | "type" | "properties" | "deletionPolicy">;

function wishOf(logicalId: string, resource: Template["Resources"][string], scope: Scope): Wish {
  const { Type: type, Properties = {}, DeletionPolicy: deletionPolicy = "Delete" } = resource;
  return { logicalId, type, properties: resolvedProperties(Properties, scope, logicalId), deletionPolicy };
}

interface Making {
  readonly create: (logicalId: string, properties: Properties) => Promise<CreatedResource>;
  readonly names: TakenNames;
  readonly region: string;
  readonly onStep: OnStep;
  /** Its name, where it is imported. */
  readonly imported: string | undefined;
}

async function madeOf(
  { logicalId, type, properties }: Wish,
  before: ProvisionedResource | undefined,
  { create, names, region, onStep, imported }: Making,
): Promise<CreatedResource> {
  const known = before?.type === type ? before : undefined;
  if (known && isDeepStrictEqual(known.properties, properties)) return known;
  const verb = imported !== undefined ? "IMPORT" : known ? "UPDATE" : "CREATE";
  const at = { logicalId, type, ...(known && { ref: known.ref }) };
  onStep({ ...at, status: `${verb}_IN_PROGRESS` });
  const createNew = async () => {
    if (imported !== undefined) {
      const adopted = names.adopt(type, imported, region);
      if (adopted) return adopted;
      throw new Error(`Resource of type '${type}' with identifier '${imported}' does not exist.`);
    }
    names.check(type, properties, region);
    const created = await create(logicalId, properties);
    names.take(type, properties, region);
    return created;
  };
  try {
    const made = known ? await updated(known, properties, create, createNew) : await createNew();
    onStep({ ...at, status: `${verb}_COMPLETE`, ref: made.ref });
    return made;
  } catch (error) {
    const reason = messageOf(error);
    onStep({ ...at, status: `${verb}_FAILED`, reason });
    const message = `The sandbox could not ${verb.toLowerCase()} ${logicalId} (${type}): ${reason}`;
    throw new Error(message, { cause: error });
  }
}

/** It with other properties, or another in its place. */
async function updated(
  known: ProvisionedResource,
  properties: Properties,
  overwrite: (logicalId: string, properties: Properties) => Promise<CreatedResource>,
  createNew: () => Promise<CreatedResource>,
): Promise<CreatedResource> {
  const { logicalId, type } = known;
  if (!needsReplacement(type, known.properties, properties)) {
    const changed = known.update ? await known.update(properties) : await overwrite(logicalId, properties);
    if (changed) return changed;
  }
  const name = customName(type, properties);
  if (name !== undefined && name === customName(type, known.properties)) {
    throw new Error(
      `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`,
    );
  }
  return createNew();
}

/** What a removal goes by. */
interface Removal {
  readonly names: TakenNames;
  readonly region: string;
  readonly rolledBack: ReadonlySet<string>;
  readonly onStep: OnStep;
}

async function remove(
  resource: ProvisionedResource,
  { names, region, rolledBack, onStep }: Removal,
): Promise<void> {
  const { logicalId, type, ref, properties, remove: take } = resource;
  const at = { logicalId, type, ref };
  if (isRetained(resource, rolledBack)) {
    names.retain(type, properties, region, resource);
    return onStep({ ...at, status: "DELETE_SKIPPED" });
  }
  onStep({ ...at, status: "DELETE_IN_PROGRESS" });
  try {
    await take?.();
  } catch (error) {
    const reason = messageOf(error);
    onStep({ ...at, status: "DELETE_FAILED", reason });
    throw new Error(`The sandbox could not delete ${logicalId} (${type}): ${reason}`, { cause: error });
  }
  names.release(type, properties, region);
  onStep({ ...at, status: "DELETE_COMPLETE" });
}

function isRetained(
  { deletionPolicy, logicalId }: ProvisionedResource,
  rolledBack: ReadonlySet<string>,
): boolean {
  if (deletionPolicy === "RetainExceptOnCreate") return !rolledBack.has(logicalId);
  return deletionPolicy === "Retain";
}

/** Properties with every intrinsic function replaced. */
export function resolvedProperties(properties: Properties, scope: Scope, logicalId: string): Properties {
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
