import { describe, expect, it } from "vitest";
import { Keys } from "../../../sandbox/iam/keys.ts";

const KEY = "arn:aws:kms:us-east-1:000000000000:key/1";
const ROLE = "arn:aws:iam::000000000000:role/reads";
const ROOT = { AWS: "arn:aws:iam::000000000000:root" };
const viaKinesis = { StringEquals: { "kms:ViaService": "kinesis.us-east-1.amazonaws.com" } };

const statement = (Principal: object, more: object = {}) => ({
  Effect: "Allow" as const,
  Principal,
  Action: "kms:Decrypt",
  Resource: "*",
  ...more,
});

function allowed(keys: Keys, byRole: boolean, service = "kinesis", action = "kms:Decrypt"): boolean {
  const context = (key: string) =>
    key === "kms:viaservice" ? [`${service}.us-east-1.amazonaws.com`] : undefined;
  return keys.allows({ keyArn: KEY, roleArn: ROLE, action, byRole, context });
}

function withPolicy(...Statement: ReturnType<typeof statement>[]): Keys {
  const keys = new Keys();
  keys.put(KEY, { Statement });
  return keys;
}

describe("a key", () => {
  it.each([
    ["declared nowhere hands over to IAM", new Keys(), true, false],
    ["that names the account hands over to IAM", withPolicy(statement(ROOT)), true, false],
    ["that names the role needs nothing of IAM", withPolicy(statement({ AWS: ROLE })), true, true],
    ["that names another role allows neither", withPolicy(statement({ AWS: `${ROLE}-2` })), false, false],
    [
      "that denies it to everyone allows neither",
      withPolicy(statement({ AWS: ROLE }), { ...statement({ AWS: "*" }), Effect: "Deny" as never }),
      false,
      false,
    ],
  ])("%s", (_, keys, withRole, without) => {
    expect([allowed(keys, true), allowed(keys, false)]).toEqual([withRole, without]);
  });

  it("may be used through the service its policy names only", () => {
    const keys = withPolicy(statement(ROOT, { Condition: viaKinesis }));
    expect([allowed(keys, true), allowed(keys, true, "dynamodb")]).toEqual([true, false]);
  });

  it("may be used by who has a grant, for what the grant says", () => {
    const keys = withPolicy();
    keys.grant(KEY, ROLE, ["kms:Decrypt"]);
    expect([allowed(keys, false), allowed(keys, true, "kinesis", "kms:GenerateDataKey")]).toEqual([
      true,
      false,
    ]);
  });

  it("may not be used by a grant that is retired, though another grant of the same still allows it", () => {
    const keys = withPolicy();
    const retire = [1, 2].map(() => keys.grant(KEY, ROLE, ["kms:Decrypt"]));
    const after = retire.map((one) => {
      one();
      return allowed(keys, true);
    });
    expect(after).toEqual([true, false]);
  });
});
