import { readFileSync } from "node:fs";
import * as z from "zod/mini";

const Resource = z.looseObject({
  Type: z.string(),
  Condition: z.optional(z.string()),
  DeletionPolicy: z.optional(z.enum(["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"])),
  DependsOn: z.optional(z.union([z.string(), z.array(z.string())])),
  Properties: z.optional(z.record(z.string(), z.unknown())),
});

const Template = z.looseObject({
  Parameters: z.optional(z.record(z.string(), z.looseObject({ Default: z.optional(z.unknown()) }))),
  Mappings: z.optional(z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())))),
  Conditions: z.optional(z.record(z.string(), z.unknown())),
  Resources: z.record(z.string(), Resource),
  Outputs: z.optional(
    z.record(
      z.string(),
      z.looseObject({
        Value: z.unknown(),
        Condition: z.optional(z.string()),
        Description: z.optional(z.string()),
        Export: z.optional(z.looseObject({ Name: z.unknown() })),
      }),
    ),
  ),
});

/** A CloudFormation template, its intrinsic functions not yet resolved. */
export type Template = z.infer<typeof Template>;

/** The template `serverless package` writes for the deploy itself. */
export const TEMPLATE_FILE = "cloudformation-template-update-stack.json";

/** @throws {Error} naming the file and what in it is no template */
export function readTemplate(path: string): Template {
  return parseTemplate(JSON.parse(readFileSync(path, "utf8")), path);
}

/** @param name for the error, for example the file's path */
export function parseTemplate(value: unknown, name: string): Template {
  const result = z.safeParse(Template, value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new Error(`${name} is no CloudFormation template: ${problems}`);
}
