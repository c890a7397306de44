import { describe, expect, it } from "vitest";
import type { Properties, ResourceType } from "../../../sandbox/service.ts";
import { provision, type StackResources } from "../../../sandbox/template/provision.ts";
import { parseTemplate, readTemplate } from "../../../sandbox/template/template.ts";

/** Creates templates' resources of type `Test::Thing` and shows with which properties, in which order. */
async function provisioned(template: object, parameters: Record<string, string> = {}) {
  const made: [string, Properties][] = [];
  const thing: ResourceType = async (logicalId, properties) => {
    made.push([logicalId, properties]);
    return { ref: `ref-${logicalId}`, attributes: { Arn: `arn:${logicalId}`, "Endpoint.Port": "80" } };
  };
  const result = await provision(parseTemplate(template, "template"), {
    types: { "Test::Thing": thing },
    stackName: "reflex",
    parameters,
  });
  return { ...result, made, properties: Object.fromEntries(made) };
}

/** What a value becomes as a property of a resource beside another named `Other`. */
async function resolved(value: unknown, rest: object = {}, parameters?: Record<string, string>) {
  const Resources = {
    Other: { Type: "Test::Thing" },
    It: { Type: "Test::Thing", Properties: { value } },
  };
  const { properties } = await provisioned({ Resources, ...rest }, parameters);
  return properties.It?.value;
}

describe("an intrinsic function", () => {
  const conditions = {
    Conditions: {
      Yes: { "Fn::Equals": ["a", "a"] },
      No: { "Fn::Not": [{ Condition: "Yes" }] },
      Both: { "Fn::And": [{ Condition: "Yes" }, { Condition: "No" }] },
      Either: { "Fn::Or": [{ Condition: "Yes" }, { Condition: "No" }] },
    },
  };

  it.each([
    ["Ref to a resource", { Ref: "Other" }, "ref-Other"],
    ["GetAtt by list", { "Fn::GetAtt": ["Other", "Arn"] }, "arn:Other"],
    ["GetAtt by text", { "Fn::GetAtt": "Other.Arn" }, "arn:Other"],
    ["GetAtt with a dot in the attribute", { "Fn::GetAtt": ["Other", "Endpoint.Port"] }, "80"],
    ["Ref to the region", { Ref: "AWS::Region" }, "us-east-1"],
    [
      "Sub of pseudo parameters",
      { "Fn::Sub": "arn:${AWS::Partition}:${AWS::AccountId}:${AWS::StackName}" },
      "arn:aws:000000000000:reflex",
    ],
    ["Sub of a resource and an attribute", { "Fn::Sub": "${Other}/${Other.Arn}" }, "ref-Other/arn:Other"],
    ["Sub with variables", { "Fn::Sub": ["${Name}-x", { Name: { Ref: "Other" } }] }, "ref-Other-x"],
    ["Sub with an escape", { "Fn::Sub": "${!Literal}" }, "${Literal}"],
    ["Join", { "Fn::Join": ["-", ["a", { Ref: "Other" }]] }, "a-ref-Other"],
    ["Split", { "Fn::Split": [",", "a,b"] }, ["a", "b"]],
    ["Select", { "Fn::Select": [1, { "Fn::Split": [",", "a,b"] }] }, "b"],
    ["Base64", { "Fn::Base64": "a" }, "YQ=="],
    ["If that holds", { "Fn::If": ["Yes", "a", "b"] }, "a"],
    ["If that does not hold", { "Fn::If": ["No", "a", "b"] }, "b"],
    ["If with And", { "Fn::If": ["Both", "a", "b"] }, "b"],
    ["If with Or", { "Fn::If": ["Either", "a", "b"] }, "a"],
    ["a list without AWS::NoValue", ["a", { "Fn::If": ["No", "b", { Ref: "AWS::NoValue" }] }], ["a"]],
    ["an object without AWS::NoValue", { a: 1, b: { Ref: "AWS::NoValue" } }, { a: 1 }],
    [
      "an IAM condition, which is none",
      { Condition: { StringEquals: { a: { Ref: "Other" } } } },
      { Condition: { StringEquals: { a: "ref-Other" } } },
    ],
  ])("%s", async (_, value, expected) => {
    expect(await resolved(value, conditions)).toEqual(expected);
  });

  it("Ref to a parameter takes what is given before the default", async () => {
    const rest = { Parameters: { Stage: { Type: "String", Default: "dev" } } };
    const value = { Ref: "Stage" };
    expect([await resolved(value, rest), await resolved(value, rest, { Stage: "prod" })]).toEqual([
      "dev",
      "prod",
    ]);
  });

  it("FindInMap looks up a mapping", async () => {
    const rest = { Mappings: { Sizes: { dev: { shards: 1 } } } };
    expect(await resolved({ "Fn::FindInMap": ["Sizes", "dev", "shards"] }, rest)).toBe(1);
  });

  it("that is unknown is an error that names it and the place", async () => {
    await expect(resolved({ "Fn::Magic": "x" })).rejects.toThrow(
      "It.value: the sandbox does not know the intrinsic function Fn::Magic",
    );
  });

  it("that refers to nothing is an error that names the place", async () => {
    await expect(resolved({ "Fn::GetAtt": ["Other", "Nothing"] })).rejects.toThrow(
      "It.value refers to the attribute Other.Nothing",
    );
  });
});

describe("provisioning", () => {
  it("creates each resource after those it refers to or depends on", async () => {
    const { made } = await provisioned({
      Resources: {
        A: { Type: "Test::Thing", Properties: { b: { "Fn::Sub": "${B.Arn}" } } },
        B: { Type: "Test::Thing", DependsOn: ["C"] },
        C: { Type: "Test::Thing", DependsOn: "D" },
        D: { Type: "Test::Thing" },
      },
    });
    expect(made.map(([id]) => id)).toEqual(["D", "C", "B", "A"]);
  });

  it("names a circle", async () => {
    const template = {
      Resources: {
        A: { Type: "Test::Thing", DependsOn: "B" },
        B: { Type: "Test::Thing", Properties: { a: { Ref: "A" } } },
      },
    };
    await expect(provisioned(template)).rejects.toThrow("A -> B -> A");
  });

  it("leaves out what its condition leaves out", async () => {
    const { made } = await provisioned({
      Conditions: { Never: { "Fn::Equals": ["a", "b"] } },
      Resources: {
        A: { Type: "Test::Thing", Condition: "Never" },
        B: { Type: "Test::Thing" },
      },
      Outputs: { A: { Condition: "Never", Value: { Ref: "A" } } },
    });
    expect(made.map(([id]) => id)).toEqual(["B"]);
  });

  it("says a type nobody knows, and creates what refers to it", async () => {
    const { notSimulated, properties } = await provisioned({
      Resources: {
        Cache: { Type: "AWS::ElastiCache::CacheCluster" },
        A: { Type: "Test::Thing", Properties: { cache: { "Fn::GetAtt": ["Cache", "Arn"] } } },
      },
    });
    expect(notSimulated).toEqual([
      "Cache: the sandbox does not know AWS::ElastiCache::CacheCluster, so there is none.",
    ]);
    expect(properties.A).toEqual({ cache: "not-simulated/Cache/Arn" });
  });

  it("names the resource that could not be created", async () => {
    const failing: ResourceType = async () => {
      throw new Error("no room");
    };
    const template = parseTemplate({ Resources: { A: { Type: "Test::Thing" } } }, "template");
    await expect(
      provision(template, { types: { "Test::Thing": failing }, stackName: "reflex" }),
    ).rejects.toThrow("could not create A (Test::Thing): no room");
  });

  it("has the outputs", async () => {
    const { outputs } = await provisioned({
      Resources: { A: { Type: "Test::Thing" } },
      Outputs: { Arn: { Value: { "Fn::GetAtt": ["A", "Arn"] } } },
    });
    expect(outputs).toEqual({ Arn: "arn:A" });
  });
});

describe("provisioning again", () => {
  /** Provisions one template after the other and returns the steps of the last. */
  async function steps(...templates: object[]): Promise<string[]> {
    const existing: StackResources = new Map();
    let seen: string[] = [];
    for (const template of templates) {
      seen = [];
      await provision(parseTemplate(template, "template"), {
        types: { "Test::Thing": named, "Test::Fixed": fixed },
        stackName: "reflex",
        existing,
        onStep: ({ logicalId, status }) => seen.push(`${logicalId} ${status}`),
      });
    }
    return seen;
  }

  const named: ResourceType = async (logicalId, { name }) => ({
    ref: String(name ?? logicalId),
    remove: async () => {},
  });
  /** Its size can be changed, its name cannot. */
  const fixed: ResourceType = async (_, { name }) => ({
    ref: String(name),
    update: async (changed) => (changed.name === name ? { ref: String(name) } : undefined),
  });

  const thing = (Properties: object, Type = "Test::Thing") => ({ Resources: { A: { Type, Properties } } });

  it("does nothing where nothing changed", async () => {
    expect(await steps(thing({ size: 1 }), thing({ size: 1 }))).toEqual([]);
  });

  it("changes what refers to something that has another name now", async () => {
    const two = (name: string) => ({
      Resources: {
        A: { Type: "Test::Thing", Properties: { name } },
        B: { Type: "Test::Thing", Properties: { a: { Ref: "A" } } },
      },
    });
    expect(await steps(two("a"), two("b"))).toEqual([
      "A UPDATE_IN_PROGRESS",
      "A UPDATE_COMPLETE",
      "B UPDATE_IN_PROGRESS",
      "B UPDATE_COMPLETE",
      "A DELETE_IN_PROGRESS",
      "A DELETE_COMPLETE",
    ]);
  });

  it("removes what cannot be changed in place once another is there", async () => {
    const before = thing({ name: "a" }, "Test::Fixed");
    expect(await steps(before, thing({ name: "b" }, "Test::Fixed"))).toEqual([
      "A UPDATE_IN_PROGRESS",
      "A UPDATE_COMPLETE",
      "A DELETE_IN_PROGRESS",
      "A DELETE_COMPLETE",
    ]);
  });

  it("removes what the template no longer has", async () => {
    expect(await steps(thing({}), { Resources: {} })).toEqual(["A DELETE_IN_PROGRESS", "A DELETE_COMPLETE"]);
  });
});

describe("a template", () => {
  it("without resources is refused with its name", () => {
    expect(() => parseTemplate({}, "some.json")).toThrow(
      "some.json is no CloudFormation template: Resources",
    );
  });

  it("that is not there is an error that names the file", () => {
    expect(() => readTemplate("/nowhere/template.json")).toThrow("/nowhere/template.json");
  });
});
