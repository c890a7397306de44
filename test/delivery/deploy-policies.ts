import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod/mini";

export const ROOT = join(import.meta.dirname, "..", "..");

const texts = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((value) => [value].flat()),
);
const Statement = z.looseObject({
  Sid: z.string(),
  Action: texts,
  Resource: z.optional(texts),
  NotResource: z.optional(z.string()),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), z.string()))),
});
const Policies = z.record(
  z.string(),
  z.looseObject({
    Properties: z.looseObject({
      ManagedPolicyName: z.string(),
      PolicyDocument: z.looseObject({ Statement: z.array(Statement) }),
    }),
  }),
);

/** The longest AWS has for each: a policy that fits with them fits anywhere. */
export const LONGEST: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws-us-gov",
  "AWS::Region": "ap-southeast-2",
  "AWS::AccountId": "123456789012",
  Stage: "a-stage-of-17-let",
  RolePath: "/company/workloads/reflex/",
  Boundary: "arn:aws-us-gov:iam::123456789012:policy/delivery-reflex-a-stage-of-17-let-boundary",
};

const filled = (text: string) => text.replace(/\$\{([^}]+)\}/g, (_, name: string) => LONGEST[name] ?? name);
const customTags = [
  { tag: "!Sub", resolve: filled },
  { tag: "!Ref", resolve: (name: string) => LONGEST[name] ?? name },
];
const document: unknown = parse(readFileSync(join(ROOT, "delivery/deploy-policy.yml"), "utf8"), {
  customTags,
});

/** The managed policies of delivery/deploy-policy.yml, with the longest names in them. */
export const policies = Object.entries(
  z.parse(z.looseObject({ Resources: Policies }), document).Resources,
).map(([id, { Properties }]) => ({
  id,
  name: Properties.ManagedPolicyName,
  document: Properties.PolicyDocument,
}));

/** Those of whoever deploys: all but the boundary of the roles they create. */
export const deploying = policies.filter(({ id }) => id !== "Boundary");
