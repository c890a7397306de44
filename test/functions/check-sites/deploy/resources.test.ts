// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders are CloudFormation's.
import { describe, expect, test } from "vitest";
import { sites as schema } from "../../../../functions/check-sites/config/sites.ts";
import { templateFor } from "../../../../functions/check-sites/deploy/resources.ts";
import { templateElsewhere } from "../../../../functions/check-sites/deploy/resources-elsewhere.ts";
import { schedulesFor } from "../../../../functions/check-sites/deploy/schedules.ts";
import { bucketName } from "../../../../functions/check-sites/status-page/upload.ts";
import { requestsFrom } from "../../../../functions/check-sites/triggers.ts";

const site = (parts: object = {}) => ({ url: "https://shop.example.com", ...parts });
const template = (section: object) => templateFor(schema.parse(section), "test");

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: unknown;
}
function statementsOf(section: object): Statement[] {
  const role = template(section).Resources.CheckSitesRole as {
    readonly Properties: {
      readonly Policies: readonly { readonly PolicyDocument: { readonly Statement: Statement[] } }[];
    };
  };
  return role.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
const actionsOf = (section: object) => statementsOf(section).flatMap(({ Action }) => Action);

describe("the role", () => {
  test("has exactly the calls that a plain list needs", () => {
    expect(actionsOf({ list: { shop: site() } })).toEqual([
      "dynamodb:BatchGetItem",
      "dynamodb:UpdateItem",
      "dynamodb:GetItem",
      "dynamodb:Query",
      "sns:Publish",
      "sqs:SendMessage",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
    ]);
  });
  test("may call exactly its own function in the regions that the config names", () => {
    const confirmFrom = ["eu-west-1", "ap-southeast-2"];
    const calls = statementsOf({ list: { shop: site() }, confirmFrom }).filter(({ Action }) =>
      Action.includes("lambda:InvokeFunction"),
    );
    const name = "reflex-test-confirm-sites-for-${AWS::Region}";
    expect(calls.map(({ Resource }) => Resource)).toEqual([
      confirmFrom.map((region) => ({
        "Fn::Sub": `arn:\${AWS::Partition}:lambda:${region}:\${AWS::AccountId}:function:${name}`,
      })),
    ]);
  });
  test("elsewhere reads only the secrets that the config lets go there, where they are kept", () => {
    const auth = (ssm: string) => ({ auth: { bearer: { ssm } } });
    const list = { shop: site({ ...auth("/shop"), confirm: "with-credentials" }), blog: site(auth("/blog")) };
    const sites = schema.parse({ list, confirmFrom: ["eu-west-1"] });
    const text = JSON.stringify(templateElsewhere(sites, "test", "us-east-1"));
    expect(text).toContain("arn:${AWS::Partition}:ssm:us-east-1:${AWS::AccountId}:parameter/shop");
    expect(text).not.toContain("blog");
    expect(text.match(/"[a-z]+:[A-Z][A-Za-z]+"/g)?.toSorted()).toEqual([
      '"logs:CreateLogStream"',
      '"logs:PutLogEvents"',
      '"ssm:GetParameters"',
      '"sts:AssumeRole"',
      '"xray:PutTelemetryRecords"',
      '"xray:PutTraceSegments"',
    ]);
  });
  test("may read exactly the secrets that the config names", () => {
    const auth = { bearer: { ssm: "/shop/token" } };
    const headers = { "x-api-key": { secret: "shop", key: "api" } };
    const statements = statementsOf({ list: { shop: site({ auth, headers }), blog: site({ auth }) } });
    expect(statements.filter(({ Sid }) => /^Read(Parameters|Secrets)$/.test(Sid))).toMatchObject([
      {
        Action: ["ssm:GetParameters"],
        Resource: [
          { "Fn::Sub": "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/shop/token" },
        ],
      },
      {
        Action: ["secretsmanager:GetSecretValue"],
        Resource: [
          {
            "Fn::Sub":
              "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:shop-??????",
          },
        ],
      },
    ]);
  });
  test("may write to the page's bucket when there is a page", () => {
    expect(actionsOf({ statusPage: {} })).toContain("s3:PutObject");
  });
  test("asks for everything only of X-Ray, which has no resources", () => {
    const auth = { bearer: { ssm: "/t" } };
    const wide = statementsOf({ list: { shop: site({ auth }) }, statusPage: {} }).filter(({ Resource }) =>
      [Resource].flat().includes("*"),
    );
    expect(wide.map(({ Sid }) => Sid)).toEqual(["Trace"]);
  });
});

describe("the status page", () => {
  test("is not there unless it is asked for", () => {
    expect(Object.keys(template({}).Resources).filter((name) => name.startsWith("StatusPage"))).toEqual([]);
  });
  test("has a bucket that nobody but its distribution may read", () => {
    const { Resources } = template({ statusPage: {} });
    expect(Resources.StatusPageBucket).toMatchObject({
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
    expect(JSON.stringify(Resources.StatusPageBucketPolicy)).toContain(
      "distribution/${StatusPageDistribution}",
    );
  });
  test("is written to the bucket that the template names", () => {
    const { Resources } = template({ statusPage: {} });
    const named = (Resources.StatusPageBucket as { Properties: { BucketName: { "Fn::Sub": string } } })
      .Properties.BucketName;
    const inTemplate = named["Fn::Sub"]
      .replace("${AWS::Region}", "eu-west-1")
      .replace("${AWS::AccountId}", "123456789012");
    const arn = "arn:aws:lambda:eu-west-1:123456789012:function:reflex-test-check-sites";
    expect(bucketName("reflex-test-status", arn)).toBe(inTemplate);
  });
});

describe("the schedule", () => {
  const sitesOf = (count: number, perInvocation: number) =>
    schema.parse({
      perInvocation,
      list: Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, site()])),
    });
  const names = (count: number, perInvocation: number) =>
    schedulesFor(sitesOf(count, perInvocation), "test").map(({ schedule }) => schedule.name);

  test("is one rule while one invocation can do it", () => {
    expect([names(0, 10), names(10, 10)]).toEqual([["reflex-test-check-sites"], ["reflex-test-check-sites"]]);
  });
  test("is a rule for each part above that", () => {
    expect(names(21, 10)).toEqual([
      "reflex-test-check-sites-1-of-3",
      "reflex-test-check-sites-2-of-3",
      "reflex-test-check-sites-3-of-3",
    ]);
  });
  test.each([1, 10, 11, 25, 100])(
    "gives every one of %i sites to exactly one part, none more than its share",
    (count) => {
      const sites = sitesOf(count, 10);
      const parts = schedulesFor(sites, "test").map(({ schedule }) => {
        const rule = `arn:aws:events:us-east-1:000000000000:rule/${schedule.name}`;
        const wanted = requestsFrom([{ kind: "schedule", at: 0, rule }], sites.list, 0);
        return "sites" in wanted ? wanted.sites.map(({ name }) => name) : [];
      });
      expect(parts.flat().sort()).toEqual(sites.list.map(({ name }) => name).sort());
      expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(10);
    },
  );
});
