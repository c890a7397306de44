import { describe, expect, it } from "vitest";
import { createIam } from "../../../sandbox/iam/iam.ts";
import { allows } from "../../../sandbox/iam/policy.ts";

const AssumeRolePolicyDocument = { Statement: [] };

describe("the statements of a role", () => {
  it("are those of its own policies and of those attached to it", async () => {
    const iam = createIam();
    const role = await iam.resources["AWS::IAM::Role"]?.("Role", {
      AssumeRolePolicyDocument,
      Policies: [
        { PolicyName: "a", PolicyDocument: { Statement: { Effect: "Allow", Action: "kinesis:ListShards" } } },
      ],
    });
    await iam.resources["AWS::IAM::Policy"]?.("Policy", {
      PolicyName: "b",
      Roles: [role?.ref],
      PolicyDocument: { Statement: [{ Effect: "Allow", Action: ["sns:Publish"] }] },
    });
    const statements = iam.statementsOf(role?.attributes?.Arn ?? "");
    expect(statements.map(({ Action }) => Action)).toEqual(["kinesis:ListShards", ["sns:Publish"]]);
  });

  it("are none for a role nobody declared", () => {
    expect(createIam().statementsOf("arn:aws:iam::000000000000:role/nobody")).toEqual([]);
  });
});

describe("a role", () => {
  it.each([
    ["kinesis:UpdateShardCount", "kinesis:UpdateShardCount", true],
    ["kinesis:*", "kinesis:UpdateShardCount", true],
    ["Kinesis:Update*", "kinesis:UpdateShardCount", true],
    ["kinesis:UpdateShard", "kinesis:UpdateShardCount", false],
    ["dynamodb:*", "kinesis:UpdateShardCount", false],
  ])("that has %s allows %s: %s", (pattern, action, expected) => {
    expect(allows([{ Effect: "Allow", Action: pattern }], action)).toBe(expected);
  });

  it.each([
    ["arn:aws:kinesis:*:*:stream/*", ["arn:aws:kinesis:us-east-1:0:stream/orders"], true],
    [["arn:other", "arn:aws:kinesis:*:*:stream/orders"], ["arn:aws:kinesis:us-east-1:0:stream/orders"], true],
    ["arn:aws:kinesis:*:*:stream/Orders", ["arn:aws:kinesis:us-east-1:0:stream/orders"], false],
    ["arn:a", ["arn:a", "arn:b"], false],
    ["arn:a", [], true],
  ])("that may on %s, may on all of %s: %s", (Resource, resources, expected) => {
    const statements = [{ Effect: "Allow" as const, Action: "kinesis:ListShards", Resource }];
    expect(allows(statements, "kinesis:ListShards", resources)).toBe(expected);
  });

  it("allows nothing that another statement denies", () => {
    const statements = [
      { Effect: "Allow" as const, Action: "kinesis:*" },
      { Effect: "Deny" as const, Action: ["kinesis:DeleteStream"] },
    ];
    expect(
      ["kinesis:ListShards", "kinesis:DeleteStream"].map((action) => allows(statements, action)),
    ).toEqual([true, false]);
  });
});
