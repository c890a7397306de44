import { describe, expect, it } from "vitest";
import { functionFiles } from "../../../scripts/stack/function-files.ts";
import { refusals, stageProblems } from "../../../scripts/stack/refusals.ts";
import { stackTemplate } from "../../../scripts/stack/stack-template.ts";
import { INLINE_POLICIES_SIZE, MANAGED_POLICY_SIZE } from "../../../scripts/template/role-policies.ts";
import { shapeResources } from "../../../scripts/template/shape-template.ts";
import { policySize } from "../../../scripts/template/worst-case.ts";
import { configWith, INFO, ROOT } from "../watched.ts";

const FILES = functionFiles(ROOT);
const many = (count: number, one: (at: number) => readonly [string, object]) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => one(at)));

const streams = (count: number) => ({
  streams: many(count, (at) => [`orders-of-the-shop-in-country-${at}`, { max: 4 }]),
});
const sites = (count: number) => ({
  sites: {
    list: many(count, (at) => [
      `shop-${at}`,
      { url: "https://shop.example.com/", auth: { bearer: { ssm: `/sites/shop-number-${at}/token` } } },
    ]),
  },
});
/** Streams that the stack creates and lands, each in a table of its own. */
const landed = (count: number) => ({
  streams: many(count, (at) => [`events-${at}`, { max: 4, create: { shards: 1 } }]),
  ingest: {
    tables: many(count, (at) => [`events-table-${at}`, { partitionKey: "id" }]),
    streams: many(count, (at) => [`events-${at}`, { table: `events-table-${at}`, mode: "append", id: "id" }]),
  },
});
/** As eksctl names the groups it makes. */
const pools = (count: number) => ({
  nodePools: many(count, (at) => [
    `pool-${at}`,
    {
      cluster: "main",
      autoScalingGroups: ["a", "b", "c"].map(
        (zone) => `eksctl-main-nodegroup-pool-${at}-${zone}-NodeGroup-1ABCDEFGHIJKL`,
      ),
    },
  ]),
});

const found = (sections: object, { stage = "prod", region = "us-east-1" } = {}) =>
  refusals(configWith({ mode: "act", ...sections }), { stage, region }, FILES);

/** The policies of every role, as AWS counts them. */
function sizes(sections: object) {
  const { Resources } = stackTemplate(configWith({ mode: "act", ...sections }), INFO);
  const account = configWith({}).account;
  const { resources } = shapeResources(Resources, { stage: "prod", region: "us-east-1", account });
  const documentsOf = (type: string) =>
    Object.values(resources).flatMap(({ Type, Properties }) => (Type === type ? [Object(Properties)] : []));
  return {
    inline: documentsOf("AWS::IAM::Role").map(({ Policies = [] }) =>
      Policies.reduce(
        (sum: number, { PolicyDocument }: { PolicyDocument: object }) =>
          sum + policySize(PolicyDocument, resources),
        0,
      ),
    ),
    managed: documentsOf("AWS::IAM::ManagedPolicy").map(({ PolicyDocument }) =>
      policySize(PolicyDocument, resources),
    ),
    attached: documentsOf("AWS::IAM::Role").map(({ ManagedPolicyArns = [] }) => ManagedPolicyArns.length),
  };
}

describe("roles fit into IAM's quotas", () => {
  it.each([
    ["150 named streams", streams(150)],
    ["1,000 named streams", streams(1000)],
    ["1,000 sites with a parameter each", sites(1000)],
    ["20 pools of three groups with eksctl's names", pools(20)],
    ["100 pools of three groups", pools(100)],
  ])("of %s", (_, sections) => {
    const { inline, managed, attached } = sizes(sections);
    expect(Math.max(...inline)).toBeLessThanOrEqual(INLINE_POLICIES_SIZE);
    expect(managed.length).toBeGreaterThan(0);
    expect(Math.max(...managed)).toBeLessThanOrEqual(MANAGED_POLICY_SIZE);
    expect(Math.max(...attached)).toBeLessThanOrEqual(9);
  });

  it("and say where names are granted by their beginning", () => {
    const { Resources } = stackTemplate(configWith({ mode: "act", ...streams(1000) }), INFO);
    const account = configWith({}).account;
    const { notes } = shapeResources(Resources, { stage: "prod", region: "us-east-1", account });
    expect(notes).toEqual([
      expect.stringMatching(/^ReshardStreamsRole: too many names .*orders-of-the-shop.*\*/),
    ]);
  });
});

describe("what AWS would refuse is named before", () => {
  it("nothing of a config that fits", () => {
    expect(found({ ...streams(20), ...sites(20), ...pools(20) })).toMatchObject({ problems: [] });
  });

  it("and a note on routes beside which nobody would hear that deliver-notifications itself fails", () => {
    const routes = [{ name: "oncall", to: [{ sns: "ops" }] }];
    const noted = (notify: object) =>
      found({ ...streams(1), notify }).notes.filter((note) => note.startsWith("notify.emails: none"));
    expect(noted({ routes })).toHaveLength(1);
    expect(noted({ routes, emails: ["a@example.com"] })).toEqual([]);
    expect(noted({ routes: [{ name: "nobody", to: [{ none: true }] }] })).toEqual([]);
  });

  it("nothing of 1,000 streams, 1,000 sites, 100 pools and 100 landed streams that the stack creates", () => {
    const large = { ...landed(100), ...sites(1000), ...pools(100) };
    const { problems, notes } = found({
      ...large,
      streams: { ...streams(1000).streams, ...landed(100).streams },
    });
    expect(problems).toEqual([]);
    expect(notes).toContainEqual(expect.stringMatching(/^ReshardStreamsRole: too many names/));
  });

  it("more resources than a stack may have, with the kinds there are most of", () => {
    expect(found(landed(260)).problems).toEqual([
      expect.stringMatching(
        /^the stack would have \d+ resources, expected at most 500: 26\d DynamoDB::Table, 260 Kinesis::Stream/,
      ),
    ]);
  });

  it("more streams than nested stacks have room for, and than CloudFormation changes at once", () => {
    const { problems } = found(streams(2600));
    const nested = /^the nested stack StreamAlarms[1-4] would have 6\d\d resources, expected at most 500: 6/;
    expect(problems.filter((problem) => nested.test(problem))).toHaveLength(4);
    expect(problems.at(-1)).toMatch(/^a first deploy would create 26\d\d resources, expected at most 2500$/);
  });

  it.each(["cn-north-1", "us-gov-west-1"])("a status page in %s, where there is no CloudFront", (region) => {
    const page = { sites: { list: {}, statusPage: { title: "Status" } } };
    expect(found(page, { region }).problems).toEqual([expect.stringContaining("CloudFront is not in aws-")]);
    expect(found(page).problems).toEqual([]);
    expect(found(streams(1), { region }).notes).toEqual([
      expect.stringContaining("CodeConnections is not in aws-"),
    ]);
  });

  it.each(["QA", "a_b", "1st", "eighteen-characters-and-more", ""])("the stage %j", (stage) => {
    expect(stageProblems(stage)).toEqual([
      expect.stringContaining(`stage: found "${stage}", expected small letters`),
    ]);
  });

  it.each(["dev", "prod", "pr-1234"])("but not the stage %s", (stage) => {
    expect(stageProblems(stage)).toEqual([]);
  });

  it("settings of a function that is not deployed, and a region without a VPC or a key", () => {
    const account = (more: object) =>
      found({ ...streams(1), account: more }, { region: "eu-west-1" }).problems;
    expect(account({ functions: { "check-sites": { memorySize: 512 } } })).toEqual([
      expect.stringContaining(
        "account.functions: found check-sites, expected functions that are deployed: reshard-streams",
      ),
    ]);
    const vpc = { "us-east-1": { subnets: ["subnet-0a"], securityGroups: ["sg-0a"] } };
    expect(account({ vpc })).toEqual([expect.stringContaining("expected an entry for eu-west-1")]);
    const tables = ["arn:aws:kms:us-east-1:111111111111:key/1"];
    expect(account({ kmsKeys: { tables } })).toEqual([
      expect.stringContaining("expected a key in eu-west-1"),
    ]);
  });
});

describe("what an account demands", () => {
  const problems = (account: object, region = "us-east-1") =>
    found({ ...streams(1), account }, { region }).problems;
  const boundary = (partition: string, account = "111111111111") => ({
    permissionsBoundary: `arn:${partition}:iam::${account}:policy/company/boundary`,
  });

  it.each([
    ["us-east-1", "aws-cn", "aws"],
    ["cn-north-1", "aws", "aws-cn"],
    ["us-gov-west-1", "aws", "aws-us-gov"],
    ["eu-west-1", "aws-us-gov", "aws"],
  ])("is in the partition of the region: a boundary in %s of %s", (region, partition, expected) => {
    expect(problems(boundary(partition), region)).toEqual([
      `account.permissionsBoundary: found arn:${partition}:iam::111111111111:policy/company/boundary, expected an ARN of ${region}'s partition, arn:${expected}:…`,
    ]);
    expect(problems(boundary(expected), region)).toEqual([]);
  });

  it("has a boundary of its own account, or one of AWS's", () => {
    const ids = ["222222222222", "333333333333"];
    expect(problems({ ids, ...boundary("aws") })).toEqual([
      "account.permissionsBoundary: found a policy of 111111111111, expected one of the account it is deployed to: 222222222222, 333333333333",
    ]);
    expect(problems({ ids, ...boundary("aws", "333333333333") })).toEqual([]);
    expect(problems({ ids, permissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess" })).toEqual([]);
    expect(problems({ ids, permissionsBoundary: "boundary" })).toEqual([]);
  });

  it("has keys whose ARNs are of their own region's partition", () => {
    const tables = ["arn:aws:kms:us-east-1:111111111111:key/1", "arn:aws:kms:cn-north-1:111111111111:key/1"];
    expect(problems({ kmsKeys: { tables } })).toEqual([
      "account.kmsKeys.tables: found arn:aws:kms:cn-north-1:111111111111:key/1, expected arn:aws-cn:… for cn-north-1",
    ]);
  });
});

describe("regions that the config names beside its own", () => {
  const confirming = (confirmFrom: readonly string[], account = {}) => ({
    sites: { confirmFrom, list: { shop: { url: "https://shop.example.com/" } } },
    account,
  });
  it("are none it is deployed to itself", () => {
    expect(found(confirming(["eu-west-1"]), { region: "eu-west-1" }).problems).toEqual([
      "regions: found eu-west-1 among the other regions, expected only regions that this stack is not in",
    ]);
    expect(found(confirming(["eu-west-1"])).problems).toEqual([]);
  });
  it("need a VPC each where the account demands one", () => {
    const vpc = { "us-east-1": { subnets: ["subnet-0123456a"], securityGroups: ["sg-0123456a"] } };
    expect(found(confirming(["eu-west-1"], { vpc })).problems).toEqual([
      "account.vpc: found us-east-1, expected an entry for eu-west-1, which is deployed to",
    ]);
  });
  it("have functions of which the account may say something", () => {
    const functions = { "confirm-sites": { memorySize: 512 } };
    expect(found(confirming(["eu-west-1"], { functions })).problems).toEqual([]);
    expect(found(confirming([], { functions })).problems).toEqual([
      expect.stringContaining("account.functions: found confirm-sites, expected functions that are deployed"),
    ]);
  });
});

describe("a route's target", () => {
  const to = (target: object) => ({ notify: { routes: [{ name: "all", to: [target] }] } });
  it.each([
    ["sns", (region: string) => ({ sns: `arn:aws:sns:${region}:111111111111:oncall` }), "a topic"],
    [
      "slack by its topic",
      (region: string) => ({ slack: { topic: `arn:aws:sns:${region}:111111111111:chat` } }),
      "a topic",
    ],
    [
      "eventbridge",
      (region: string) => ({
        eventbridge: { bus: `arn:aws:events:${region}:111111111111:event-bus/ops` },
      }),
      "an event bus",
    ],
  ])("is in the region of the functions: %s", (_kind, target, what) => {
    expect(found(to(target("eu-west-1"))).problems).toEqual([
      expect.stringMatching(
        new RegExp(
          `^notify\\.routes: found arn:aws:.*:eu-west-1:.*, expected ${what} in us-east-1, where the functions run$`,
        ),
      ),
    ]);
    expect(found(to(target("us-east-1"))).problems).toEqual([]);
  });
  it("has no region where it is a name", () => {
    expect(found(to({ sns: "oncall" })).problems).toEqual([]);
  });
});
