import { beforeEach, describe, expect, it } from "vitest";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import { type CloudFormation, createCloudFormation } from "../../../sandbox/cloudformation/cloudformation.ts";
import { type Buckets, createBuckets } from "../../../sandbox/s3/buckets.ts";
import { bucketResources } from "../../../sandbox/s3/resources.ts";
import { DEFAULT_REGION, type Properties, type ResourceType } from "../../../sandbox/service.ts";
import { textsOf } from "../../../sandbox/wire/xml.ts";

let clock: SandboxClock;
let buckets: Buckets;
let cloudformation: CloudFormation;
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
  const types = () => ({ "Test::Thing": thing });
  cloudformation = createCloudFormation({ clock, buckets, types, log: () => {} });
});

/** A request as the SDKs and the CLI make it (AWS Query). */
async function call(Action: string, input: Record<string, string> = {}) {
  const { status, body } = await cloudformation.handle({
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(String(new URLSearchParams({ Action, ...input }))),
    region: DEFAULT_REGION,
  });
  // What is begun in the background is over.
  await clock.advance(0);
  const xml = String(body);
  return { status, xml, the: (name: string) => textsOf(name, xml) };
}

const template = (resources: Record<string, Properties>, rest: object = {}) =>
  JSON.stringify({
    Resources: Object.fromEntries(
      Object.entries(resources).map(([id, Properties]) => [id, { Type: "Test::Thing", Properties }]),
    ),
    ...rest,
  });

const StackName = "a-stack";

async function deploy(TemplateBody: string, ChangeSetType: "CREATE" | "UPDATE") {
  const wanted = { StackName, ChangeSetName: "changes" };
  await call("CreateChangeSet", { ...wanted, TemplateBody, ChangeSetType });
  return call("ExecuteChangeSet", wanted);
}

const statuses = async () =>
  (await call("DescribeStackEvents", { StackName })).the("ResourceStatus").reverse();
const status = async () => (await call("DescribeStacks", { StackName })).the("StackStatus");

describe("a change set", () => {
  it("of a new stack waits to be executed", async () => {
    const body = { StackName, ChangeSetName: "changes", ChangeSetType: "CREATE" };
    await call("CreateChangeSet", { ...body, TemplateBody: template({ A: {} }) });
    expect([await status(), [...things.keys()]]).toEqual([["REVIEW_IN_PROGRESS"], []]);
  });

  it("lists what it would add, change and remove", async () => {
    await deploy(template({ Same: {}, Changed: { size: 1 }, Gone: {} }), "CREATE");
    const TemplateBody = template({ Same: {}, Changed: { size: 2 }, New: {} });
    await call("CreateChangeSet", { StackName, ChangeSetName: "next", TemplateBody });
    const described = await call("DescribeChangeSet", { StackName, ChangeSetName: "next" });
    expect([described.the("Action"), described.the("LogicalResourceId")]).toEqual([
      ["Add", "Modify", "Remove"],
      ["New", "Changed", "Gone"],
    ]);
  });

  it("without changes fails with the sentence deploy tools know", async () => {
    await deploy(template({ A: {} }), "CREATE");
    await call("CreateChangeSet", { StackName, ChangeSetName: "next", TemplateBody: template({ A: {} }) });
    const described = await call("DescribeChangeSet", { StackName, ChangeSetName: "next" });
    expect([described.the("Status"), described.the("StatusReason")]).toEqual([
      ["FAILED"],
      [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
      ],
    ]);
  });

  it("reads its template from where it was uploaded to", async () => {
    buckets.create("deployments");
    buckets.put("deployments", "a/b.json", Buffer.from(template({ A: {} })));
    const TemplateURL = "https://s3.amazonaws.com/deployments/a/b.json";
    const wanted = { StackName, ChangeSetName: "changes", ChangeSetType: "CREATE" };
    await call("CreateChangeSet", { ...wanted, TemplateURL });
    await call("ExecuteChangeSet", wanted);
    expect([...things.keys()]).toEqual(["A"]);
  });
});

describe("a stack", () => {
  it("is created with its outputs and exports", async () => {
    const Outputs = {
      Name: {
        Value: { Ref: "A" },
        Description: "its name",
        Export: { Name: { "Fn::Join": ["-", [{ Ref: "AWS::StackName" }, "x"]] } },
      },
    };
    await deploy(template({ A: { name: "a" } }, { Outputs }), "CREATE");
    const { the } = await call("DescribeStacks", { StackName });
    expect([the("StackStatus"), the("OutputValue"), the("Description"), the("ExportName")]).toEqual([
      ["CREATE_COMPLETE"],
      ["a"],
      ["its name"],
      ["a-stack-x"],
    ]);
  });

  it("changes only what another template changes", async () => {
    await deploy(template({ Same: {}, Changed: { size: 1 } }), "CREATE");
    const before = (await statuses()).length;
    await deploy(template({ Same: {}, Changed: { size: 2 } }), "UPDATE");
    expect((await statuses()).slice(before)).toEqual([
      "UPDATE_IN_PROGRESS",
      "UPDATE_IN_PROGRESS",
      "UPDATE_COMPLETE",
      "UPDATE_COMPLETE",
    ]);
    expect(things.get("Changed")).toEqual({ size: 2 });
  });

  it("that cannot be created takes back what it has created", async () => {
    await deploy(template({ A: {}, B: { refuse: true, a: { Ref: "A" } } }), "CREATE");
    expect([await status(), things.size]).toEqual([["ROLLBACK_COMPLETE"], 0]);
  });

  it("that cannot be changed is as it was before", async () => {
    await deploy(template({ A: { size: 1 }, Old: {} }), "CREATE");
    await deploy(template({ A: { size: 2 }, B: { refuse: true, a: { Ref: "A" } } }), "UPDATE");
    expect([await status(), Object.fromEntries(things)]).toEqual([
      ["UPDATE_ROLLBACK_COMPLETE"],
      { A: { size: 1 }, Old: {} },
    ]);
  });

  it("says in its events why a resource failed", async () => {
    await deploy(template({ B: { refuse: true } }), "CREATE");
    expect((await call("DescribeStackEvents", { StackName })).the("ResourceStatusReason")).toContain(
      "no such thing can be",
    );
  });

  it("that is deleted leaves nothing, and is no longer there by its name", async () => {
    await deploy(template({ A: {} }), "CREATE");
    await call("DeleteStack", { StackName });
    const { status: answered, the } = await call("DescribeStacks", { StackName });
    expect([things.size, answered, the("Code"), the("Message")]).toEqual([
      0,
      400,
      ["ValidationError"],
      ["Stack with id a-stack does not exist"],
    ]);
  });

  it("that is deleted can be asked by its id what became of it", async () => {
    await deploy(template({ A: {} }), "CREATE");
    const [id = ""] = (await call("DescribeStacks", { StackName })).the("StackId");
    await call("DeleteStack", { StackName });
    expect((await call("DescribeStacks", { StackName: id })).the("StackStatus")).toEqual(["DELETE_COMPLETE"]);
  });

  it("lets go of what is to be retained", async () => {
    const Resources = {
      Kept: { Type: "Test::Thing", DeletionPolicy: "Retain" },
      Other: { Type: "Test::Thing" },
    };
    await deploy(JSON.stringify({ Resources }), "CREATE");
    const [id = ""] = (await call("DescribeStacks", { StackName })).the("StackId");
    await call("DeleteStack", { StackName });
    const events = await call("DescribeStackEvents", { StackName: id });
    expect([[...things.keys()], events.the("ResourceStatus").includes("DELETE_SKIPPED")]).toEqual([
      ["Kept"],
      true,
    ]);
  });

  it("gives what has no name one that no other stack gives", async () => {
    const types = () => ({ ...bucketResources(buckets) });
    cloudformation = createCloudFormation({ clock, buckets, types, log: () => {} });
    const TemplateBody = JSON.stringify({ Resources: { Bucket: { Type: "AWS::S3::Bucket" } } });
    for (const name of ["one", "another"]) await call("CreateStack", { StackName: name, TemplateBody });
    expect(buckets.names()).toEqual(["another-bucket", "one-bucket"]);
  });

  it("answers the physical name of a resource", async () => {
    await deploy(template({ A: { name: "the-name" } }), "CREATE");
    const { the } = await call("DescribeStackResource", { StackName, LogicalResourceId: "A" });
    expect(the("PhysicalResourceId")).toEqual(["the-name"]);
  });

  it("without a resource says so as AWS does", async () => {
    await deploy(template({ A: {} }), "CREATE");
    const { the } = await call("DescribeStackResource", { StackName, LogicalResourceId: "B" });
    expect(the("Message")).toEqual(["Resource B does not exist for stack a-stack"]);
  });
});

describe("a template", () => {
  it("that is none is refused with what is wrong", async () => {
    const { the } = await call("ValidateTemplate", { TemplateBody: "Resources: {}" });
    expect(the("Message")[0]).toMatch("it is no JSON, and the sandbox reads no YAML");
  });
});
