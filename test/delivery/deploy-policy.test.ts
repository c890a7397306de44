import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod/mini";
import { findAutomations } from "../../scripts/automations.ts";

const ROOT = join(import.meta.dirname, "..", "..");

const Statement = z.looseObject({
  Sid: z.string(),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.optional(z.union([z.string(), z.array(z.string())])),
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
const LONGEST: Readonly<Record<string, string>> = {
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
const policies = Object.entries(z.parse(z.looseObject({ Resources: Policies }), document).Resources).map(
  ([id, { Properties }]) => ({ id, name: Properties.ManagedPolicyName, document: Properties.PolicyDocument }),
);
const deploying = policies.filter(({ id }) => id !== "Boundary");

test.each(policies)("$id is within IAM's 6,144 characters, with the longest names", ({ document }) => {
  expect(JSON.stringify(document).replace(/\s/g, "").length).toBeLessThanOrEqual(6144);
});

it("gives no right on the delivery's own policies and roles", () => {
  const iam = deploying.flatMap(({ document }) =>
    document.Statement.filter(({ Action }) => [Action].flat().some((action) => action.startsWith("iam:"))),
  );
  const resources = iam.flatMap(({ Resource }) => [Resource ?? "*"].flat());
  expect(resources.length).toBeGreaterThan(0);
  for (const resource of resources)
    expect(resource).toMatch(/(?:role\/.*|policy\/)reflex-a-stage-of-17-let-\*$/);
});

it("creates roles, and gives them policies, only under the boundary", () => {
  const giving = deploying.flatMap(({ document }) =>
    document.Statement.filter(({ Action }) =>
      [Action].flat().some((action) => /^iam:(?:CreateRole|PutRolePolicy|AttachRolePolicy)$/.test(action)),
    ),
  );
  expect(giving.length).toBe(2);
  for (const { Condition } of giving) {
    expect(Condition?.StringEquals?.["iam:PermissionsBoundary"]).toBe(LONGEST.Boundary);
  }
});

it("has a boundary that lets no function assume a role of its own account", () => {
  const assuming = policies.flatMap(({ document }) =>
    document.Statement.filter(({ Action }) =>
      [Action].flat().some((action) => /^(?:sts:(?:Assume|\*)|\*)/.test(action)),
    ),
  );
  expect(assuming).toMatchObject([{ NotResource: "arn:aws-us-gov:iam::123456789012:role/*" }]);
  expect(assuming[0]?.Resource).toBeUndefined();
});

it("has a boundary that lets the functions do all that their roles allow", async () => {
  const boundary = policies.find(({ id }) => id === "Boundary");
  const allowed = boundary?.document.Statement.flatMap(({ Action }) => [Action].flat()) ?? [];
  const needed = (await findAutomations(ROOT)).flatMap(({ permissions }) =>
    permissions.flatMap(({ actions }) => actions),
  );
  const isAllowed = (action: string) =>
    allowed.some((pattern) => new RegExp(`^${pattern.replace("*", ".*")}$`).test(action));
  expect(needed.filter((action) => !isAllowed(action))).toEqual([]);
});
