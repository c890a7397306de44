import { expect, it, test } from "vitest";
import { findAutomations } from "../../scripts/automations.ts";
import { deploying, LONGEST, policies, ROOT } from "./deploy-policies.ts";

test.each(policies)("$id is within IAM's 6,144 characters, with the longest names", ({ document }) => {
  expect(JSON.stringify(document).replace(/\s/g, "").length).toBeLessThanOrEqual(6144);
});

it("gives no right on the delivery's own policies and roles", () => {
  const iam = deploying.flatMap(({ document }) =>
    document.Statement.filter(({ Action }) => Action.some((action) => action.startsWith("iam:"))),
  );
  const resources = iam.flatMap(({ Resource }) => Resource ?? ["*"]);
  expect(resources.length).toBeGreaterThan(0);
  for (const resource of resources)
    expect(resource).toMatch(/(?:role\/.*|policy\/)reflex-a-stage-of-17-let-\*$/);
});

it("creates roles, and gives them policies, only under the boundary", () => {
  const giving = deploying.flatMap(({ document }) =>
    document.Statement.filter(({ Action }) =>
      Action.some((action) => /^iam:(?:CreateRole|PutRolePolicy|AttachRolePolicy)$/.test(action)),
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
      Action.some((action) => /^(?:sts:(?:Assume|\*)|\*)/.test(action)),
    ),
  );
  expect(assuming).toMatchObject([{ NotResource: "arn:aws-us-gov:iam::123456789012:role/*" }]);
  expect(assuming[0]?.Resource).toBeUndefined();
});

it("has a boundary that lets the functions do all that their roles allow", async () => {
  const boundary = policies.find(({ id }) => id === "Boundary");
  const allowed = boundary?.document.Statement.flatMap(({ Action }) => Action) ?? [];
  const needed = (await findAutomations(ROOT)).flatMap(({ permissions }) =>
    permissions.flatMap(({ actions }) => actions),
  );
  const isAllowed = (action: string) =>
    allowed.some((pattern) => new RegExp(`^${pattern.replace("*", ".*")}$`).test(action));
  expect(needed.filter((action) => !isAllowed(action))).toEqual([]);
});
