import { expect, test } from "vitest";
import { functionFiles, stageInfo } from "../../../scripts/stack/function-files.ts";
import { refusals } from "../../../scripts/stack/refusals.ts";
import { stackTemplate } from "../../../scripts/stack/stack-template.ts";
import { shapeResources } from "../../../scripts/template/shape-template.ts";
import { configIn, configWith, ROOT } from "../watched.ts";

const FILES = functionFiles(ROOT);
const EACH = ["dev", "test", "prod"].flatMap((stage) =>
  ["eu-west-1", "us-east-1"].map((region): [string, string] => [stage, region]),
);

test.each(EACH)("the company's stage %s in %s is as its account demands", async (stage, region) => {
  const config = await configIn(`examples/company/${stage}.yml`);
  expect(refusals(config, { stage, region }, FILES)).toEqual({ problems: [], notes: [] });

  const { account } = config;
  const { Resources } = stackTemplate(config, stageInfo(stage, FILES));
  const settings = { ...account, functions: {} };
  const { resources } = shapeResources(Resources, { stage, region, account: settings });
  const ofType = (type: string) =>
    Object.values(resources).flatMap(({ Type, Properties }) => (Type === type ? [Object(Properties)] : []));

  for (const role of ofType("AWS::IAM::Role")) {
    expect(role).toMatchObject({ Path: account.rolePath, PermissionsBoundary: account.permissionsBoundary });
    expect(role.Tags).toContainEqual({ Key: "owner", Value: "platform-team" });
  }
  const tables = ofType("AWS::DynamoDB::Table");
  expect(tables.length).toBeGreaterThan(0);
  for (const { SSESpecification } of tables)
    expect(SSESpecification.KMSMasterKeyId).toContain(`:kms:${region}:`);
  for (const topic of ofType("AWS::SNS::Topic")) expect(topic.KmsMasterKeyId).toContain(`:kms:${region}:`);

  const ingest = JSON.stringify(resources.IngestEventsRole);
  expect(ingest).toContain('"Sid":"UseTheKeysOfStreams","Effect":"Allow","Action":["kms:Decrypt"]');
  expect(ingest).toContain(
    '"Sid":"UseTheKeysOfTables","Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey"]',
  );
});

test("a role may use the key of what it reads and writes, whatever call it does so by", () => {
  const key = (kind: string) => `arn:aws:kms:us-east-1:111111111111:key/${kind}`;
  const kmsKeys = { queues: [key("queues")], tables: [key("tables")] };
  const config = configWith({
    notify: { routes: [{ name: "ops", to: [{ sns: "arn:aws:sns:us-east-1:111111111111:ops" }] }] },
    streams: { orders: { max: 4 } },
    account: { kmsKeys },
  });
  const { Resources } = stackTemplate(config, stageInfo("dev", FILES));
  const shaped = shapeResources(Resources, { stage: "dev", region: "us-east-1", account: config.account });
  const deliverer = JSON.stringify(shaped.resources.DeliverNotificationsRole);
  expect(deliverer).toContain('"sqs:ReceiveMessage"');
  expect(deliverer).toContain('"Sid":"UseTheKeysOfQueues","Effect":"Allow","Action":["kms:Decrypt"]');
  expect(deliverer).toContain('"Sid":"UseTheKeysOfTables"');
});
