import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateStreamCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import { clientFor } from "../../../sandbox/demos/client.ts";
import { TEMPLATE_FILE } from "../../../sandbox/template/template.ts";
import { STREAMS_BEFORE } from "../setup/everything.ts";
import { copyServiceWithoutBundles, type Ended, type ServiceCopy } from "../setup/service-copy.ts";

/** A stage whose data outlive its stack, with a stream that the config lands and does not create. */
const PROD = `
mode: act
ingest:
  tables:
    balances: { partitionKey: id }
    others: { partitionKey: id }
  streams:
    payments: { table: balances, mode: latest, key: { id: id }, version: { from: at } }
`;

let account: Account;
let service: ServiceCopy;
/** What is packaged of stage prod. */
let prod: string;

beforeAll(async () => {
  account = await startAccount({ speed: 0, log: (line) => console.error(line) });
  service = copyServiceWithoutBundles(account.url);
  prod = join(service.dir, "packaged-prod");
  writeFileSync(join(service.dir, "config", "prod.yml"), PROD);
  const { code, output } = await service.serverless("package", "--stage", "prod", "--package", prod);
  expect(output).toContain("Service packaged");
  expect(code).toBe(0);
});

afterAll(async () => {
  service.remove();
  await account.stop();
});

const deploy = (stage: string, folder: string): Promise<Ended> =>
  service.serverless("deploy", "--stage", stage, "--package", folder);
const importKept = (): Promise<Ended> =>
  service.script("reflex.ts", "import", "--stage", "prod", "--package", prod);

const statusOf = (stack: string) => account.cloudformation.stacks.find(stack).status;
const dynamodb = () => new DynamoDBClient(clientFor(account));
const tables = async () => (await dynamodb().send(new ListTablesCommand({}))).TableNames ?? [];
const item = async (id: string) =>
  (await dynamodb().send(new GetItemCommand({ TableName: "balances", Key: { id: { S: id } } }))).Item;
const createPayments = () =>
  new KinesisClient(clientFor(account)).send(
    new CreateStreamCommand({ StreamName: STREAMS_BEFORE[0], ShardCount: 1 }),
  );

describe("a first deploy that fails", () => {
  test.each(["dev", "prod"])("says why, and leaves nothing that blocks the next: stage %s", async (stage) => {
    const failed = await deploy(stage, stage === "dev" ? inject("everythingDir") : prod);
    expect(failed.output).toMatch(
      /Stream not found: arn:aws:kinesis:us-east-1:000000000000:stream\/payments/,
    );
    expect(failed.code).toBe(1);
    // Serverless ends with the first failure, CloudFormation goes on rolling back.
    await expect.poll(() => statusOf(`reflex-${stage}`), { timeout: 60_000 }).toMatch(/ROLLBACK_COMPLETE$/);
    expect(await tables()).toEqual([]);
    expect(account.sqs.queues()).toEqual([]);
    expect(account.s3.buckets.names().filter((name) => !name.includes("serverlessdeploymentbucket"))).toEqual(
      [],
    );
  });

  test("deploys when what was wrong is right: stage prod", async () => {
    await createPayments();
    const { code, output } = await deploy("prod", prod);
    expect(output).toContain("Service deployed to stack reflex-prod");
    expect(code).toBe(0);
  });
});

describe("a stage that is removed", () => {
  test("keeps its tables, queues and buckets, and a deploy says that they are there", async () => {
    await dynamodb().send(
      new PutItemCommand({ TableName: "balances", Item: { id: { S: "a" }, at: { N: "1" } } }),
    );
    const [quarantine] = account.sqs.queues().filter(({ name }) => name === "reflex-prod-quarantine");
    quarantine?.send("a record that could not be landed");
    account.s3.buckets.put(`reflex-prod-quarantine-000000000000-us-east-1`, "large", Buffer.from("x"));
    const removed = await service.serverless("remove", "--stage", "prod");
    expect(removed.output).toContain("successfully removed");
    expect(await tables()).toEqual(["balances", "others", "reflex-prod-ledger"]);

    const again = await deploy("prod", prod);
    expect(again.output).toContain("AWS::DynamoDB::Table  reflex-prod-ledger");
    expect(again.output).toContain("reflex import --stage prod");
    expect(account.cloudformation.stacks.list().map(({ name }) => name)).not.toContain("reflex-prod");
    expect(again.code).toBe(1);
  });

  test("is imported by one command, and deployed with all that was in it", async () => {
    const imported = await importKept();
    expect(imported.output).toContain("AWS::DynamoDB::Table  balances");
    expect(imported.output).toContain("AWS::SQS::Queue  reflex-prod-quarantine");
    expect(imported.output).toContain("AWS::S3::Bucket  reflex-prod-quarantine-000000000000-us-east-1");
    expect(imported.output).toMatch(
      /resources are in the stack reflex-prod again\. Next: reflex deploy --stage prod/,
    );
    expect(imported.code).toBe(0);
    const { code, output } = await deploy("prod", prod);
    expect(output).toContain("Service deployed to stack reflex-prod");
    expect(code).toBe(0);
    expect(await item("a")).toMatchObject({ at: { N: "1" } });
    expect(account.sqs.queue("reflex-prod-quarantine")?.counts().visible).toBe(1);
  });

  test("has nothing more to import then", async () => {
    const { code, output } = await importKept();
    expect(output).toContain("Nothing to import");
    expect(code).toBe(0);
  });
});

describe("a table that is taken out of the config", () => {
  test("stays, and comes back into the stack when it is put back", async () => {
    const without = packagedWithout("TableOthers");
    expect((await deploy("prod", without)).code).toBe(0);
    expect(await tables()).toContain("others");
    const refused = await deploy("prod", prod);
    expect(refused.output).toContain("AWS::DynamoDB::Table  others");
    expect(refused.code).toBe(1);
    const { code, output } = await importKept();
    expect([output.match(/AWS::\w+::\w+ {2}\S+/g), code]).toEqual([["AWS::DynamoDB::Table  others"], 0]);
    expect((await deploy("prod", prod)).code).toBe(0);
  });
});

test("a first deploy to dev that failed deploys when what was wrong is right, beside prod", async () => {
  const { code, output } = await deploy("dev", inject("everythingDir"));
  expect(output).toContain("Service deployed to stack reflex-dev");
  expect(code).toBe(0);
});

/** What is packaged of prod, less a table that nothing is landed in: as a config without it is packaged. */
function packagedWithout(id: string): string {
  const folder = join(service.dir, "packaged-without");
  cpSync(prod, folder, { recursive: true });
  for (const file of [TEMPLATE_FILE, "serverless-state.json"]) {
    const content = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const { Resources } = content.service?.provider.compiledCloudFormationTemplate ?? content;
    const [logicalId = ""] = Object.keys(Resources).filter((one) => one.startsWith(id));
    expect(Resources).toHaveProperty(logicalId);
    delete Resources[logicalId];
    writeFileSync(join(folder, file), JSON.stringify(content));
  }
  return folder;
}
