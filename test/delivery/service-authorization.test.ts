import { expect, it } from "vitest";
import { findAutomations } from "../../scripts/automations.ts";
import { policies, ROOT } from "./deploy-policies.ts";
import { misread } from "./service-authorization.ts";

it("has policies whose every statement AWS reads as it is meant", () => {
  const statements = policies.flatMap(({ document }) => document.Statement);
  expect(
    statements.flatMap(({ Action, Resource = ["*"], Condition = {} }) =>
      misread({ actions: Action, resources: Resource, conditionKeys: neededKeys(Condition) }),
    ),
  ).toEqual([]);
});

/**
 * The reference lists no resource type for these, and yet AWS decides on them by stream: the role of
 * github.com/aws-samples/kinesis-auto-scaling has UpdateShardCount on `stream/*`. By `*`, a function could reshard every
 * stream of the account.
 */
const BY_STREAM = ["kinesis:UpdateShardCount", "kinesis:UpdateStreamMode"];

it("has roles whose every statement AWS reads as it is meant", async () => {
  const automations = await findAutomations(ROOT);
  const permissions = automations.flatMap((one) => [
    ...one.permissions,
    ...(one.otherRegions?.permissions ?? []),
  ]);
  expect(permissions.length).toBeGreaterThan(50);
  const problems = permissions.flatMap(({ actions, on, only = {} }) =>
    misread({
      actions: actions.filter((action) => !BY_STREAM.includes(action)),
      resources: [resourceOf(on)],
      conditionKeys: neededKeys(only),
    }),
  );
  expect(problems).toEqual([]);
});

it("reads an action that AWS does not have, a resource it is never on, and a condition it does not know", () => {
  const conditionKeys = ["lambda:FunctionArn"];
  expect(
    misread({
      actions: ["kinesis:Reshard", "kinesis:SplitShard", "kinesis:ListStreams"],
      resources: ["arn:aws:sqs:*:*:q"],
      conditionKeys,
    }),
  ).toEqual([
    "kinesis:Reshard: is no action of service-authorization.json",
    "kinesis:SplitShard: is on arn:aws:sqs:*:*:q, and can only be on arn:${Partition}:kinesis:${Region}:${Account}:stream/${StreamName}",
    "kinesis:SplitShard: has no condition key lambda:FunctionArn",
    "kinesis:ListStreams: is on arn:aws:sqs:*:*:q, and can only be on all resources (*)",
    "kinesis:ListStreams: has no condition key lambda:FunctionArn",
  ]);
});

/** `…IfExists` holds where the action does not have the key. */
function neededKeys(condition: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  return Object.entries(condition)
    .filter(([operator]) => !operator.endsWith("IfExists"))
    .flatMap(([, keys]) => Object.keys(keys));
}

/** What the config fills in can be any text; where it is a whole ARN, any ARN. */
function resourceOf(on: string): string {
  return on.startsWith("arn:") || on === "*" ? on.replaceAll(/<[^>]+>/g, "*") : "arn:*:*:*:*:*";
}
