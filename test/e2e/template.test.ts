import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { beforeAll, describe, expect, inject, test } from "vitest";
import * as z from "zod/mini";
import { startAccount } from "../../sandbox/account.ts";
import type { Iam } from "../../sandbox/iam/iam.ts";
import type { FunctionConfiguration } from "../../sandbox/lambda/configuration.ts";
import { ACCOUNT_ID, DEFAULT_REGION } from "../../sandbox/service.ts";
import type { Template } from "../../sandbox/template/template.ts";
import { findAutomations } from "../../scripts/automations.ts";
import { checkedConfig, type ServiceConfig } from "../../scripts/checked-config.ts";
import { permitted, WITHOUT_RESOURCE_LEVEL } from "../../scripts/stack/role-permissions.ts";
import { lint, WITHOUT_CFN_LINT } from "./setup/cfn-lint.ts";
import { EVERYTHING, STREAMS_BEFORE } from "./setup/everything.ts";
import { templateFiles, wholeTemplate } from "./setup/whole-template.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** What was packaged from one config. */
interface Packaged {
  readonly files: readonly string[];
  readonly template: Template;
  readonly service: ServiceConfig;
  readonly functions: readonly FunctionConfiguration[];
  readonly iam: Pick<Iam, "statementsOf">;
}

const packaged: Record<string, Packaged> = {};

beforeAll(async () => {
  packaged.dev = await read(inject("packageDir"), "config/dev.yml");
  packaged.everything = await read(inject("everythingDir"), EVERYTHING);
});

async function read(dir: string, config: string): Promise<Packaged> {
  const checked = await checkedConfig(ROOT, config, { deploysAll: true });
  if ("problems" in checked) throw new Error(checked.problems.join("\n"));
  const account = await startAccount({
    packageDir: dir,
    streams: STREAMS_BEFORE,
    speed: 0,
    log: console.error,
  });
  const functions = account.lambda.configurations();
  const statements = new Map(functions.map(({ role = "" }) => [role, account.iam.statementsOf(role)]));
  await account.stop();
  const iam = { statementsOf: (role: string) => statements.get(role) ?? [] };
  return { files: templateFiles(dir), template: wholeTemplate(dir), service: checked.config, functions, iam };
}

const CONFIGS = ["dev", "everything"] as const;
const AUTOMATIONS = await findAutomations(ROOT);
const of = (config: string): Packaged => packaged[config] ?? expect.unreachable(`${config} was not packaged`);

/** Those of a type, by logical id. */
function resources({ template }: Packaged, type: string) {
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) =>
    Type === type ? [{ id, properties: Properties }] : [],
  );
}

describe.each(CONFIGS)("the roles packaged from the config %s", (config) => {
  test.each(AUTOMATIONS.map(({ name }) => name))(
    "%s: every statement is in its descriptor, and nothing else is",
    (automation) => {
      const { functions, iam, service } = of(config);
      const role = functions.find(({ name }) => name === `reflex-dev-${automation}`)?.role ?? "";
      const allowed = iam
        .statementsOf(role)
        .flatMap(({ Action = [], Resource = [], Condition }) =>
          [Action]
            .flat()
            .flatMap((action) =>
              [Resource]
                .flat()
                .map((on) => `${action} on ${on}${Condition ? ` if ${JSON.stringify(Condition)}` : ""}`),
            ),
        );
      const place = { stage: "dev", region: DEFAULT_REGION, account: ACCOUNT_ID };
      const described = service.automations.filter(({ name }) => name === automation);
      const written = described.flatMap((one) => [...permitted(one, place)]);
      expect([...new Set(allowed)].toSorted()).toEqual([...new Set(written)].toSorted());
    },
  );

  test("belong to a function each, and every function has one of them", () => {
    const { functions } = of(config);
    const roles = Map.groupBy(functions, ({ role }) => role);
    expect(
      [...roles.values()].map((sharing) =>
        sharing.map(({ name }) => name.replace("reflex-dev-", "")).toSorted(),
      ),
    ).toEqual(
      expect.arrayContaining([["reshard-streams"], ["check-sites"], ["scale-node-pools"], ["ingest-events"]]),
    );
    expect(roles.size).toBe(AUTOMATIONS.length);
  });

  test("allow no action by a pattern", () => {
    const { functions, iam } = of(config);
    const actions = functions.flatMap(({ role = "" }) =>
      iam.statementsOf(role).flatMap(({ Action = [] }) => [Action].flat()),
    );
    expect(actions.filter((action) => /[*?]/.test(action))).toEqual([]);
  });

  test("allow on all resources only what AWS has no resource level for", () => {
    const { functions, iam } = of(config);
    const onAll = functions.flatMap(({ role = "" }) =>
      iam
        .statementsOf(role)
        .flatMap(({ Action = [], Resource }) => ([Resource].flat().includes("*") ? [Action].flat() : [])),
    );
    expect(onAll.filter((action) => !WITHOUT_RESOURCE_LEVEL.has(action))).toEqual([]);
  });
});

const TLS_ONLY = expect.objectContaining({
  Effect: "Deny",
  Principal: "*",
  // The policy that serverless itself writes has the boolean.
  Condition: { Bool: { "aws:SecureTransport": expect.toBeOneOf(["false", false]) } },
});

/** By type: what must be set, and the type and property of the policy that refuses a connection without TLS. */
const KEPT: readonly { type: string; has: object; policy?: { type: string; names: string } }[] = [
  {
    type: "AWS::SQS::Queue",
    has: { SqsManagedSseEnabled: true },
    policy: { type: "AWS::SQS::QueuePolicy", names: "Queues" },
  },
  {
    type: "AWS::SNS::Topic",
    has: { TopicName: expect.anything() },
    policy: { type: "AWS::SNS::TopicPolicy", names: "Topics" },
  },
  {
    type: "AWS::S3::Bucket",
    has: { BucketEncryption: expect.anything() },
    policy: { type: "AWS::S3::BucketPolicy", names: "Bucket" },
  },
  {
    type: "AWS::DynamoDB::Table",
    has: {
      SSESpecification: { SSEEnabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
  },
  {
    type: "AWS::Kinesis::Stream",
    has: { StreamEncryption: { EncryptionType: "KMS", KeyId: expect.anything() } },
  },
];

describe.each(CONFIGS)("what is kept, packaged from the config %s,", (config) => {
  test.each(KEPT)("is encrypted, and recoverable where it is a table: $type", ({ type, has }) => {
    const kept = resources(of(config), type);
    expect(kept.length).toBeGreaterThan(0);
    for (const { properties } of kept) expect(properties).toMatchObject(has);
  });

  test.each(KEPT.filter(({ policy }) => policy))("is reached by TLS only: $type", ({ type, policy }) => {
    const wanted = resources(of(config), type).map(({ id }) => id);
    const covered = resources(of(config), policy?.type ?? "").flatMap(({ properties }) => {
      expect(properties.PolicyDocument).toMatchObject({ Statement: expect.arrayContaining([TLS_ONLY]) });
      return [properties[policy?.names ?? ""]].flat().map((one) => Reflect.get(Object(one), "Ref"));
    });
    expect(covered.toSorted()).toEqual(wanted.toSorted());
  });
});

const Declared = z.looseObject({ FunctionName: z.string(), Architectures: z.array(z.string()) });
const InvokeConfig = z.looseObject({
  FunctionName: z.looseObject({ Ref: z.string() }),
  DestinationConfig: z.looseObject({ OnFailure: z.looseObject({ Destination: z.unknown() }) }),
});
const Attribute = z.looseObject({ "Fn::GetAtt": z.tuple([z.string(), z.string()]) });
/** Of a stream: Lambda gives up on a batch. Of a queue: the queue itself has a dead-letter queue. */
const Mapping = z.union([
  z.looseObject({
    FunctionName: Attribute,
    DestinationConfig: z.looseObject({ OnFailure: z.looseObject({ Destination: z.unknown() }) }),
  }),
  z.looseObject({ FunctionName: Attribute, EventSourceArn: Attribute }),
]);
const DeadLettered = z.looseObject({ RedrivePolicy: z.looseObject({ deadLetterTargetArn: z.unknown() }) });

/** Those whose caller waits for the answer: there is no event to lose. */
const ANSWERS_ONLY = ["ApproveDashchangesLambdaFunction", "TerminationDashpolicyLambdaFunction"];

describe.each(CONFIGS)("every function packaged from the config %s", (config) => {
  test("runs on arm64", () => {
    const functions = resources(of(config), "AWS::Lambda::Function").map(({ properties }) =>
      z.parse(Declared, properties),
    );
    expect(functions.filter(({ Architectures }) => Architectures.join() !== "arm64")).toEqual([]);
  });

  test("has a log whose retention is set", () => {
    const names = resources(of(config), "AWS::Lambda::Function").map(
      ({ properties }) => z.parse(Declared, properties).FunctionName,
    );
    const logs = resources(of(config), "AWS::Logs::LogGroup").map(({ properties }) => properties);
    expect(logs).toEqual(
      expect.arrayContaining(
        names.map((name) =>
          expect.objectContaining({ LogGroupName: `/aws/lambda/${name}`, RetentionInDays: 30 }),
        ),
      ),
    );
  });

  test("says where an event goes that it failed on", () => {
    const ids = resources(of(config), "AWS::Lambda::Function").map(({ id }) => id);
    const asked = resources(of(config), "AWS::Lambda::EventInvokeConfig").map(
      ({ properties }) => z.parse(InvokeConfig, properties).FunctionName.Ref,
    );
    const mappings = resources(of(config), "AWS::Lambda::EventSourceMapping").map(({ properties }) =>
      z.parse(Mapping, properties),
    );
    const read = mappings.map(({ FunctionName }) => FunctionName["Fn::GetAtt"][0]);
    for (const mapping of mappings) {
      if ("DestinationConfig" in mapping) continue;
      const [queue] = z.parse(Attribute, mapping.EventSourceArn)["Fn::GetAtt"];
      const found = resources(of(config), "AWS::SQS::Queue").find(({ id }) => id === queue);
      expect(z.safeParse(DeadLettered, found?.properties).success, queue).toBe(true);
    }
    expect([...new Set([...asked, ...read, ...ANSWERS_ONLY])].toSorted()).toEqual(
      [...new Set([...ids, ...ANSWERS_ONLY])].toSorted(),
    );
  });
});

test("a function's package holds its bundle and nothing else", () => {
  const dir = inject("packageDir");
  const packages = readdirSync(dir).filter((file) => file.endsWith(".zip"));
  expect(packages).toHaveLength(resources(of("dev"), "AWS::Lambda::Function").length);
  for (const file of packages) {
    const names = Object.keys(unzipSync(readFileSync(join(dir, file))));
    expect(names, file).toEqual([expect.stringMatching(/^functions\/([a-z-]+\/){1,2}handler\.js$/)]);
  }
});

describe("a function's time-out and memory", () => {
  const files = readdirSync(join(ROOT, "functions"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yml"))
    .map((file) => ({ file, text: readFileSync(join(ROOT, "functions", file), "utf8") }))
    .filter(({ text }) => text.startsWith("handler:"));

  test.each(files)("have their reason beside them: $file", ({ text }) => {
    expect(text).toMatch(/# .+\ntimeout: \d+\n/);
    expect(text).toMatch(/# .+\nmemorySize: \d+\n/);
  });
});

/** One of each kind: CloudFront, for the status page, is in the first three only. */
const REGIONS = ["us-east-1", "eu-west-1", "ap-southeast-2"];
const REGIONS_WITHOUT_CLOUDFRONT = ["cn-north-1", "us-gov-west-1"];

describe(`cfn-lint${WITHOUT_CFN_LINT}`, () => {
  test.skipIf(WITHOUT_CFN_LINT)(
    "finds nothing in what is packaged, nor in the templates of delivery/",
    () => {
      const files = readdirSync(join(ROOT, "delivery")).filter((file) => file.endsWith(".yml"));
      const delivery = files.map((file) => join(ROOT, "delivery", file));
      expect(lint(REGIONS, [...of("everything").files, ...of("dev").files, ...delivery])).toEqual([]);
    },
  );

  test.skipIf(WITHOUT_CFN_LINT)(
    "finds nothing in what is packaged without a status page, in any partition",
    () => {
      // Nor with approvals, whose page needs a function URL: `dev` is packaged with everything.
      const found = lint(REGIONS_WITHOUT_CLOUDFRONT, of("dev").files);
      expect(found.filter((one) => !one.includes("'AWS::Lambda::Url' does not exist"))).toEqual([]);
    },
  );
});
