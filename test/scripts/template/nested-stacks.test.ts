import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nestStacks } from "../../../scripts/template/nested/nested-stacks.ts";
import { nestedIn } from "../../../shared/cloudformation/nested-stack.ts";
import type { Resource } from "../../../shared/cloudformation/resource.ts";
import { configWith } from "../watched.ts";

const TARGET = { stage: "dev", account: configWith({}).account };
const KIND = { name: "Alarms", count: 4 };
const alarm = (more: Resource = {}): Resource => ({
  Type: "AWS::CloudWatch::Alarm",
  Properties: {},
  ...more,
});

/** By logical id, the nested stack a resource is in. */
function stacksOf(ids: readonly string[]): ReadonlyMap<string, string> {
  const marked = nestedIn(KIND, Object.fromEntries(ids.map((id) => [id, alarm()])));
  return new Map(
    nestStacks(marked, TARGET).nested.flatMap(({ logicalId, template }) =>
      Object.keys(template.Resources).map((id) => [id, logicalId] as const),
    ),
  );
}

const ids = fc.uniqueArray(fc.stringMatching(/^[A-Z][a-zA-Z0-9]{0,20}$/), { maxLength: 30 });

describe("a resource of a nested stack", () => {
  it("stays in it whatever comes and goes beside it", () => {
    fc.assert(
      fc.property(ids, ids, (some, others) => {
        const [alone, together] = [stacksOf(some), stacksOf([...new Set([...others, ...some])])];
        for (const id of some) expect(together.get(id)).toBe(alone.get(id));
      }),
    );
  });

  it("is in one of as many as there are of its kind, and these are about equally full", () => {
    const stacks = Map.groupBy(
      stacksOf(Array.from({ length: 1000 }, (_, at) => `Alarm${at}`)),
      ([, stack]) => stack,
    );
    expect([...stacks.keys()].toSorted()).toEqual(["Alarms1", "Alarms2", "Alarms3", "Alarms4"]);
    for (const [, members] of stacks) expect(members.length).toBeGreaterThan(200);
  });

  it("is handed what it refers to outside, as parameters", () => {
    const resources = {
      Function: { Type: "AWS::Lambda::Function" },
      Policy: { Type: "AWS::SNS::TopicPolicy" },
      ...nestedIn(
        { name: "Alarms", count: 1 },
        {
          A: alarm({
            DependsOn: ["B", "Policy"],
            Properties: {
              Actions: [{ "Fn::GetAtt": ["Function", "Arn"] }, { Ref: "B" }],
              Name: { "Fn::Sub": `\${AWS::Region}-\${Function.Arn}-\${!Kept}-\${AWS::StackName}` },
              Label: { "Fn::Sub": [`\${mine}`, { mine: { Ref: "Function" } }] },
            },
          }),
          B: alarm(),
        },
      ),
    };
    const { resources: kept, nested } = nestStacks(resources, TARGET);
    expect(Object.keys(kept)).toEqual(["Function", "Policy", "Alarms"]);
    expect(kept.Alarms).toMatchObject({
      DependsOn: ["Policy"],
      Properties: {
        Parameters: {
          FunctionArn: { "Fn::GetAtt": ["Function", "Arn"] },
          Function: { Ref: "Function" },
          AWSStackName: { Ref: "AWS::StackName" },
        },
      },
    });
    expect(nested[0]?.template).toMatchObject({
      Parameters: {
        FunctionArn: { Type: "String" },
        Function: { Type: "String" },
        AWSStackName: { Type: "String" },
      },
      Resources: {
        A: {
          DependsOn: ["B"],
          Properties: {
            Actions: [{ Ref: "FunctionArn" }, { Ref: "B" }],
            Name: { "Fn::Sub": `\${AWS::Region}-\${FunctionArn}-\${!Kept}-\${AWSStackName}` },
            Label: { "Fn::Sub": [`\${mine}`, { mine: { Ref: "Function" } }] },
          },
        },
        B: { Type: "AWS::CloudWatch::Alarm" },
      },
    });
    expect(nested[0]?.template.Resources.B).not.toHaveProperty("Metadata");
  });

  it("cannot be referred to from the stack above", () => {
    const resources = {
      ...nestedIn(KIND, { A: alarm() }),
      Dashboard: { Type: "AWS::CloudWatch::Dashboard", Properties: { Of: { Ref: "A" } } },
    };
    expect(() => nestStacks(resources, TARGET)).toThrow(
      /^Dashboard refers to A, which is in the nested stack/,
    );
  });

  it("changes the name of its template's file with its content, so that a roll-back finds the one before", () => {
    const file = (Threshold: number) =>
      nestStacks(nestedIn(KIND, { A: alarm({ Properties: { Threshold } }) }), TARGET).nested[0]?.fileName;
    expect(file(1)).not.toBe(file(2));
    expect(file(1)).toBe(file(1));
  });
});
