import { describe, expect, it } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { readTemplate } from "../../../sandbox/cloudformation/source.ts";
import { createIam } from "../../../sandbox/iam/iam.ts";
import { createBuckets } from "../../../sandbox/s3/buckets.ts";

const buckets = createBuckets(createClock({ speed: 0 }));
const TEXT = { "content-type": "application/json" };

function inBucket(text: string): string {
  if (!buckets.names().includes("deploy")) buckets.create("deploy");
  buckets.put("deploy", "template.json", Buffer.from(text), TEXT);
  return "https://s3.amazonaws.com/deploy/template.json";
}

const template = (resources: number, more: object = {}) =>
  JSON.stringify({
    Resources: Object.fromEntries(
      Array.from({ length: resources }, (_, index) => [`R${index}`, { Type: "AWS::SNS::Topic" }]),
    ),
    ...more,
  });

const ofSize = (bytes: number) => {
  const text = template(1, { Description: "" });
  return text.replace('"Description":""', `"Description":"${"x".repeat(bytes - text.length)}"`);
};

describe("a template", () => {
  it.each([
    ["500 resources", template(500)],
    ["200 outputs", template(1, { Outputs: entries(200) })],
    ["1,000,000 bytes", ofSize(1_000_000)],
  ])("may have %s", (_, text) => {
    expect(readTemplate({ TemplateURL: inBucket(text) }, buckets).text).toBe(text);
  });

  it.each([
    [
      "501 resources",
      template(501),
      "Template format error: Number of resources, 501, is greater than maximum allowed, 500",
    ],
    [
      "201 outputs",
      template(1, { Outputs: entries(201) }),
      "Template format error: Number of outputs, 201, is greater than maximum allowed, 200",
    ],
    ["1,000,001 bytes", ofSize(1_000_001), "Template may not exceed 1000000 bytes in size."],
  ])("is refused with %s", (_, text, message) => {
    expect(() => readTemplate({ TemplateURL: inBucket(text) }, buckets)).toThrow(message);
  });

  it("has 51,200 bytes at most in the request itself", () => {
    expect(readTemplate({ TemplateBody: ofSize(51_200) }, buckets).text).toHaveLength(51_200);
    expect(() => readTemplate({ TemplateBody: ofSize(51_201) }, buckets)).toThrow(
      "less than or equal to 51200",
    );
  });
});

function entries(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`O${index}`, { Value: "v" }]));
}

describe("IAM", () => {
  const create = (type: string, properties: object) =>
    createIam().resources[type]?.("Logical", { ...properties }) ?? Promise.reject(new Error("no such type"));

  /** A document that counts so many characters. */
  function document(size: number): object {
    const make = (Sid: string) => ({ Statement: [{ Sid, Effect: "Allow", Action: "a:b", Resource: "*" }] });
    return make("s".repeat(size - JSON.stringify(make("")).length));
  }

  it("takes inline policies of 10,240 characters a role, all of them together", async () => {
    const half = { PolicyName: "a", PolicyDocument: document(5_120) };
    await expect(create("AWS::IAM::Role", { RoleName: "r", Policies: [half, half] })).resolves.toMatchObject({
      ref: "r",
    });
    const more = { PolicyName: "b", PolicyDocument: document(5_121) };
    await expect(create("AWS::IAM::Role", { RoleName: "r", Policies: [half, more] })).rejects.toThrow(
      "Maximum policy size of 10240 bytes exceeded for role r",
    );
  });

  it("takes managed policies of 6,144 characters, and ten of them a role", async () => {
    const policy = (size: number) =>
      create("AWS::IAM::ManagedPolicy", { ManagedPolicyName: "p", PolicyDocument: document(size) });
    await expect(policy(6_144)).resolves.toBeDefined();
    await expect(policy(6_145)).rejects.toThrow("Cannot exceed quota for PolicySize: 6144");
    const role = (count: number) =>
      create("AWS::IAM::Role", { RoleName: "r", ManagedPolicyArns: Array(count).fill("arn:p") });
    await expect(role(10)).resolves.toBeDefined();
    await expect(role(11)).rejects.toThrow("Cannot exceed quota for PoliciesPerRole: 10");
  });

  it("takes names of roles of 64 letters", async () => {
    await expect(create("AWS::IAM::Role", { RoleName: "r".repeat(64) })).resolves.toBeDefined();
    await expect(create("AWS::IAM::Role", { RoleName: "r".repeat(65) })).rejects.toThrow("'roleName'");
  });
});
