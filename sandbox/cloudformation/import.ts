import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import type { Template } from "../template/template.ts";
import { AwsError } from "../wire/error.ts";

/** As a change set of type IMPORT names what it imports. */
export const ToImport = z.looseObject({
  ResourceType: z.string(),
  LogicalResourceId: z.string(),
  ResourceIdentifier: z.record(z.string(), z.string()),
});

/** Types that can be imported here: those of which a stack retains any. */
const IDENTIFIERS: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::Table": "TableName",
  "AWS::Kinesis::Stream": "Name",
  "AWS::S3::Bucket": "BucketName",
  "AWS::SQS::Queue": "QueueUrl",
};

/**
 * By logical id, the name of what is imported.
 *
 * @throws {AwsError} ValidationError where the template says something else
 */
export function namesToImport(
  template: Template,
  resources: readonly z.output<typeof ToImport>[],
): ReadonlyMap<string, string> {
  const found = resources.map(({ ResourceType, LogicalResourceId, ResourceIdentifier }) => {
    const identifier = IDENTIFIERS[ResourceType];
    const value = identifier === undefined ? undefined : ResourceIdentifier[identifier];
    if (value === undefined || template.Resources[LogicalResourceId]?.Type !== ResourceType) {
      const message = `The resource ${LogicalResourceId} of type ${ResourceType} cannot be imported by ${JSON.stringify(ResourceIdentifier)}`;
      throw new AwsError("ValidationError", message);
    }
    // A queue's URL ends with its name.
    return [LogicalResourceId, value.split("/").at(-1) ?? ""] as const;
  });
  return new Map(found);
}

/**
 * Why an import cannot be: such an operation changes nothing else. Undefined where it can.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
 */
export function importProblem(
  before: Template | undefined,
  after: Template,
  imported: ReadonlyMap<string, string>,
): string | undefined {
  const old = before?.Resources ?? {};
  const added = Object.keys(after.Resources).filter((id) => !old[id]);
  const missing = added.filter((id) => !imported.has(id));
  if (missing.length > 0) return `Resources [${missing.join(", ")}] is missing from ResourceToImport list`;
  const known = [...imported.keys()].filter((id) => old[id]);
  if (known.length > 0) return `Resources [${known.join(", ")}] are in the stack already`;
  const changed = Object.keys(old).filter((id) => !isDeepStrictEqual(old[id], after.Resources[id]));
  if (changed.length > 0) {
    return `You have modified resources [${changed.join(", ")}] in your template that are not being imported. Update, create or delete operations cannot be executed during import operations.`;
  }
  if (!isDeepStrictEqual(before?.Outputs ?? {}, after.Outputs ?? {})) {
    return "As part of the import operation, you cannot modify or add [Outputs]";
  }
  const without = added.filter((id) => after.Resources[id]?.DeletionPolicy === undefined);
  if (without.length > 0) {
    return `Following resources to import [${without.join(", ")}] must have DeletionPolicy attribute specified in the template.`;
  }
  return undefined;
}
