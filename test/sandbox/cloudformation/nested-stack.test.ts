import { beforeEach, describe, expect, it } from "vitest";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import { type CloudFormation, createCloudFormation } from "../../../sandbox/cloudformation/cloudformation.ts";
import { parseTemplateText } from "../../../sandbox/cloudformation/source.ts";
import { type Buckets, createBuckets } from "../../../sandbox/s3/buckets.ts";
import type { Properties, ResourceType } from "../../../sandbox/service.ts";

let clock: SandboxClock;
let buckets: Buckets;
let stacks: CloudFormation["stacks"];
/** What there is, by name, with its properties. */
let things: Map<string, Properties>;

/** A thing has a name, and cannot be made with `refuse: true`. */
const thing: ResourceType = async (logicalId, properties) => {
  if (properties.refuse) throw new Error("no such thing can be");
  const name = String(properties.name ?? logicalId);
  things.set(name, properties);
  return { ref: name, attributes: { Arn: `arn:${name}` }, remove: async () => void things.delete(name) };
};

beforeEach(() => {
  things = new Map();
  clock = createClock({ speed: 0, start: Date.parse("2030-01-01T00:00:00Z") });
  buckets = createBuckets(clock);
  buckets.create("deploy");
  ({ stacks } = createCloudFormation({
    clock,
    buckets,
    types: () => ({ "Test::Thing": thing }),
    log: () => {},
  }));
});

type Resources = Readonly<Record<string, object>>;

/** Where a template with these is. */
function uploaded(name: string, Resources: Resources, more: object = {}): string {
  buckets.put("deploy", name, Buffer.from(JSON.stringify({ Resources, ...more })));
  return `https://s3.us-east-1.amazonaws.com/deploy/${name}`;
}

const nested = (TemplateURL: string, Parameters: object = {}) => ({
  Type: "AWS::CloudFormation::Stack",
  Properties: { TemplateURL, Parameters },
});
const one = (Properties: object = {}, more: object = {}) => ({ Type: "Test::Thing", Properties, ...more });
const source = (Resources: Resources, more: object = {}) =>
  parseTemplateText(JSON.stringify({ Resources, ...more }), "template");
const child = () =>
  stacks.list().find(({ parent }) => parent !== undefined) ?? expect.unreachable("no child");
const statuses = () => stacks.list().map(({ name, status }) => [name.replace(/-[0-9A-F]{12}$/, ""), status]);

describe("a nested stack", () => {
  it("is created with what it is handed, and hands its outputs back", async () => {
    const url = uploaded(
      "a",
      { Inner: one({ name: { Ref: "Name" }, of: { Ref: "AWS::StackName" } }) },
      {
        Parameters: { Name: { Type: "String" } },
        Outputs: { Arn: { Value: { "Fn::GetAtt": ["Inner", "Arn"] } } },
      },
    );
    const { outputs } = await stacks.create(
      "top",
      source(
        { Outer: one(), Nested: nested(url, { Name: { "Fn::GetAtt": ["Outer", "Arn"] } }) },
        { Outputs: { Inner: { Value: { "Fn::GetAtt": ["Nested", "Outputs.Arn"] } } } },
      ),
    );
    expect([...things.keys()]).toEqual(["Outer", "arn:Outer"]);
    expect(outputs).toEqual({ Inner: "arn:arn:Outer" });
    expect(child().name).toMatch(/^top-Nested-[0-9A-F]{12}$/);
    expect(things.get("arn:Outer")?.of).toBe(child().name);
  });

  it.each([
    [{ Other: "x" }, "Parameters: [Other] do not exist in the template"],
    [{}, "Parameters: [Name] must have values"],
  ])("is refused with the parameters %j", async (parameters, message) => {
    const url = uploaded("a", { Inner: one() }, { Parameters: { Name: { Type: "String" } } });
    await expect(stacks.create("top", source({ Nested: nested(url, parameters) }))).rejects.toThrow(message);
  });

  it("that cannot be created takes the stack above back with it", async () => {
    const url = uploaded("a", { Good: one(), Bad: one({ refuse: true, after: { Ref: "Good" } }) });
    await expect(stacks.create("top", source({ Outer: one(), Nested: nested(url) }))).rejects.toThrow(
      /Embedded stack arn:aws:cloudformation:.* was not successfully created: The following resource\(s\) failed to create: \[Bad\]/,
    );
    expect(things.size).toBe(0);
    expect(statuses()).toEqual([["top", "ROLLBACK_COMPLETE"]]);
  });

  it("leaves nothing that says RetainExceptOnCreate, where the stack above fails after it", async () => {
    const url = uploaded("a", { Kept: one({}, { DeletionPolicy: "RetainExceptOnCreate" }) });
    const template = { Nested: nested(url), Bad: one({ refuse: true }, { DependsOn: "Nested" }) };
    await expect(stacks.create("top", source(template))).rejects.toThrow("no such thing can be");
    expect(things.size).toBe(0);
  });

  it("is changed, and changed back where the stack above fails after it", async () => {
    const before = uploaded("1", { Inner: one({ size: 1 }) });
    const after = uploaded("2", {
      Inner: one({ size: 2 }),
      New: one({}, { DeletionPolicy: "RetainExceptOnCreate" }),
    });
    await stacks.create("top", source({ Nested: nested(before) }));
    const { id } = child();
    const bad = one({ refuse: true }, { DependsOn: "Nested" });
    await expect(stacks.update("top", source({ Nested: nested(after), Bad: bad }))).rejects.toThrow();
    expect(Object.fromEntries(things)).toEqual({ Inner: { size: 1 } });
    await stacks.update("top", source({ Nested: nested(after) }));
    expect(things.get("Inner")).toEqual({ size: 2 });
    expect(child().id).toBe(id);
  });

  it("is as it was where it cannot be changed", async () => {
    await stacks.create("top", source({ Nested: nested(uploaded("1", { Inner: one({ size: 1 }) })) }));
    const bad = uploaded("2", {
      Inner: one({ size: 2 }),
      Bad: one({ refuse: true }, { DependsOn: "Inner" }),
    });
    await expect(stacks.update("top", source({ Nested: nested(bad) }))).rejects.toThrow("[Bad]");
    expect(Object.fromEntries(things)).toEqual({ Inner: { size: 1 } });
    expect(statuses()).toEqual([
      ["top", "UPDATE_ROLLBACK_COMPLETE"],
      ["top-Nested", "UPDATE_ROLLBACK_COMPLETE"],
    ]);
  });

  it("is deleted with the stack above, and by its removal from it", async () => {
    const url = uploaded("a", { Inner: one() });
    await stacks.create("top", source({ Outer: one(), Nested: nested(url) }));
    await stacks.update("top", source({ Outer: one() }));
    expect([...things.keys()]).toEqual(["Outer"]);
    await stacks.update("top", source({ Outer: one(), Nested: nested(url) }));
    stacks.startDelete("top");
    await clock.advance(0);
    expect([things.size, stacks.list()]).toEqual([0, []]);
  });

  it("has the quotas of a stack, and all of them together 2,500 resources an operation", async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`R${at}`, one({ name: "same" })]));
    await expect(stacks.create("a", source({ Nested: nested(uploaded("501", many(501))) }))).rejects.toThrow(
      "Number of resources, 501, is greater than maximum allowed, 500",
    );
    const full = nested(uploaded("500", many(500)));
    const five = { A: full, B: full, C: full, D: full };
    // With the stacks themselves 2,004.
    await stacks.create("b", source(five));
    await expect(stacks.create("c", source({ ...five, E: full }))).rejects.toThrow("2500");
  });
});
