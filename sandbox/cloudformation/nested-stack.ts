import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import type { CreatedResource, ResourceType } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { scalar } from "../wire/scalars.ts";
import type { TemplateSource } from "./source.ts";
import type { Stack } from "./stack.ts";

const NestedProperties = z.looseObject({
  TemplateURL: z.string(),
  Parameters: z._default(z.record(z.string(), scalar), {}),
});

/** What a nested stack is made by. */
export interface NestedStackDependencies {
  /** A new stack of this name below its parent. */
  readonly add: (name: string, parent: Stack) => Stack;
  /** @throws {AwsError} ValidationError for a template that is not there or none */
  readonly read: (url: string) => TemplateSource;
  /** @throws {Error} when it failed, after its roll-back */
  readonly create: (stack: Stack, source: TemplateSource) => Promise<unknown>;
  /** @param rolledBack logical ids whose creation is taken back */
  readonly update: (
    stack: Stack,
    source: TemplateSource,
    rolledBack: ReadonlySet<string>,
  ) => Promise<unknown>;
  readonly delete: (stack: Stack, rolledBack: ReadonlySet<string>) => Promise<void>;
}

/**
 * `AWS::CloudFormation::Stack`, as part of one stack: a stack of its own, which is created, changed, rolled back and
 * deleted with it.
 */
export function nestedStackType(parent: Stack, dependencies: NestedStackDependencies): ResourceType {
  const { add, read, create, update } = dependencies;

  return async (logicalId, properties, generatedName = logicalId) => {
    const { TemplateURL, Parameters } = parse(NestedProperties, properties);
    const source = read(TemplateURL);
    // The letters CloudFormation adds make a later one another stack.
    const child = add(`${generatedName}-${randomBytes(6).toString("hex").toUpperCase()}`, parent);
    child.parameters = checkedParameters(source, Parameters);
    try {
      await create(child, source);
    } catch {
      const reason = failedResources(child);
      await dependencies.delete(child, new Set(child.resources.keys()));
      throw new Error(`Embedded stack ${child.id} was not successfully created: ${reason}`);
    }
    return nested(child);
  };

  function nested(child: Stack): CreatedResource {
    const outputs = Object.entries(child.outputs).map(([name, value]) => [`Outputs.${name}`, value]);
    return {
      ref: child.id,
      attributes: Object.fromEntries(outputs),
      notSimulated: child.notSimulated,
      update: async (changed) => {
        const { TemplateURL, Parameters } = parse(NestedProperties, changed);
        const source = read(TemplateURL);
        const parameters = checkedParameters(source, Parameters);
        if (source.text === child.source?.text && isDeepStrictEqual(parameters, child.parameters)) {
          return nested(child);
        }
        const before = child.parameters;
        child.parameters = parameters;
        try {
          await update(child, source, isRollingBack(parent) ? child.lastCreated : new Set());
        } catch {
          child.parameters = before;
          throw new Error(
            `Embedded stack ${child.id} was not successfully updated. Currently in ${child.status} with reason: ${failedResources(child)}`,
          );
        }
        return nested(child);
      },
      remove: async () => {
        const all = new Set(child.resources.keys());
        await dependencies.delete(child, isRollingBack(parent) ? all : new Set());
        if (child.deletedAt === undefined) {
          throw new Error(`Embedded stack ${child.id} was not successfully deleted: ${child.reason ?? ""}`);
        }
      },
    };
  }
}

/** What a stack does that takes a change back. */
const isRollingBack = ({ status }: Stack): boolean => status.endsWith("ROLLBACK_IN_PROGRESS");

/** Of the last operation, in CloudFormation's words; the events of the nested stack have the reason. */
function failedResources({ name, events }: Stack): string {
  const begun = events.findLastIndex(
    ({ logicalId, status }) => logicalId === name && /^(?:CREATE|UPDATE)_IN_PROGRESS$/.test(status),
  );
  const failed = events.slice(begun).filter(({ status }) => status.endsWith("_FAILED"));
  const ids = [...new Set(failed.map(({ logicalId }) => logicalId))];
  if (ids.length === 0) {
    return events.findLast(({ status }) => status.endsWith("ROLLBACK_IN_PROGRESS"))?.reason ?? "";
  }
  const verb = failed[0]?.status.startsWith("UPDATE") ? "update" : "create";
  return `The following resource(s) failed to ${verb}: [${ids.join(", ")}]. `;
}

/** @throws {AwsError} ValidationError for parameters the template does not have, and those that have no value */
function checkedParameters(
  { template }: TemplateSource,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const declared = template.Parameters ?? {};
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  if (unknown.length > 0) {
    const message = `Parameters: [${unknown.join(", ")}] do not exist in the template`;
    throw new AwsError("ValidationError", message);
  }
  const missing = Object.entries(declared)
    .filter(([name, { Default }]) => Default === undefined && given[name] === undefined)
    .map(([name]) => name);
  if (missing.length > 0) {
    throw new AwsError("ValidationError", `Parameters: [${missing.join(", ")}] must have values`);
  }
  return given;
}
