import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, ListStackResourcesCommand } from "@aws-sdk/client-cloudformation";
import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, startAccount } from "../../../sandbox/account.ts";
import { clientFor } from "../../../sandbox/demos/client.ts";
import { SERVERLESS_CACHES } from "../../../scripts/serverless/program.ts";
import state from "../../shared/ledger/state-0.1.0.json" with { type: "json" };

const ROOT = join(import.meta.dirname, "..", "..", "..");

let home: string;
let folder: string;
let account: Account;
let dynamo: DynamoDBClient;
let cloudFormation: CloudFormationClient;

/** The package as `npm pack` makes it, in a folder of somebody else's, beside the packages it depends on. */
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "reflex-package-"));
  folder = join(home, "my-reflex");
  const modules = join(home, "node_modules");
  mkdirSync(join(modules, "reflex"), { recursive: true });
  const packed = spawnSync("npm", ["pack", "--json", "--pack-destination", home], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(packed.status, packed.stderr).toBe(0);
  const [tarball = ""] = readdirSync(home).filter((file) => file.endsWith(".tgz"));
  const opened = spawnSync("tar", [
    "xzf",
    join(home, tarball),
    "--strip-components=1",
    "-C",
    join(modules, "reflex"),
  ]);
  expect(opened.status).toBe(0);
  for (const name of Object.keys(manifest().dependencies)) {
    const [scope = "", rest] = name.split("/");
    if (rest !== undefined) mkdirSync(join(modules, scope), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  account = await startAccount({ speed: 0, log: () => {} });
  dynamo = new DynamoDBClient(clientFor(account));
  cloudFormation = new CloudFormationClient(clientFor(account));
}, 120_000);

afterAll(async () => {
  await account?.stop();
  rmSync(home, { recursive: true, force: true });
});

function manifest(): { readonly version: string; readonly dependencies: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
}

/** Runs `npx reflex …` as it is after `npm install`. */
async function reflex(
  cwd: string,
  ...args: readonly string[]
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(home, "node_modules/reflex/scripts/reflex.cjs"), ...args], {
    cwd,
    timeout: 120_000,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      TMPDIR: home,
      ...SERVERLESS_CACHES,
      AWS_ENDPOINT_URL: account.url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "sandbox",
      AWS_SECRET_ACCESS_KEY: "sandbox",
      SLS_AWS_MONITORING_FREQUENCY: "100",
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output };
}

describe("the package, installed in a folder of its user's", () => {
  test("has what is needed, and no tests", () => {
    const names = readdirSync(join(home, "node_modules/reflex"));
    expect(names).toEqual(
      expect.arrayContaining(["functions", "scripts", "serverless.yml", "LICENSE", "README.md"]),
    );
    expect(names.filter((name) => ["test", "bench", "node_modules", ".github"].includes(name))).toEqual([]);
  });

  test("says its version and its commands", async () => {
    expect(await reflex(home, "--version")).toEqual({ code: 0, output: `${manifest().version}\n` });
    expect((await reflex(home, "--help")).output).toContain("deploy a stage");
  });

  test.each([
    [["chek"], "there is no command chek. Did you mean check?"],
    [["smoke", "--stgae", "prod"], "Unknown option '--stgae'. Did you mean --stage?"],
    [["demo", "--fast"], "Unknown option '--fast'. It has no options."],
  ])("called wrongly, it ends with 2 and proposes what was meant: %j", async (args, message) => {
    const { code, output } = await reflex(home, ...args);
    expect(output).toContain(message);
    expect(code).toBe(2);
  });

  test("begins a folder, checks it, and deploys it with that folder's config", async () => {
    const begun = await reflex(home, "init", "my-reflex");
    expect(begun).toMatchObject({
      code: 0,
      output: expect.stringContaining("written  my-reflex/config/prod.yml"),
    });
    expect(await reflex(folder, "check")).toEqual({
      code: 0,
      output: "config/dev.yml: ok\nconfig/prod.yml: ok\n",
    });

    writeFileSync(
      join(folder, "config/dev.yml"),
      "extends: base.yml\nstreams:\n  orders:\n    create: { shards: 1 }\n    max: 4\n",
    );
    const deployed = await reflex(folder, "deploy", "--stage", "dev");
    expect(deployed.output).toContain("Service deployed to stack reflex-dev");
    expect(deployed.code).toBe(0);
    const { StreamNames } = await new KinesisClient(clientFor(account)).send(new ListStreamsCommand({}));
    expect(StreamNames).toEqual(["orders"]);
    expect(existsSync(join(folder, ".serverless"))).toBe(false);

    const smoke = await reflex(folder, "smoke", "--stage", "dev");
    expect(smoke.output).toContain('ok  reflex-dev-reshard-streams  {"stream":"orders","mode":"observe"}');
  });

  test("upgrades what version 0.1.0 deployed: the data is where it was, and the ledger is read", async () => {
    const old = join(home, "deployed-0.1.0");
    spawnSync("tar", ["xzf", join(import.meta.dirname, "deployed-0.1.0.tgz"), "-C", home]);
    copyFileSync(join(old, "prod.yml"), join(folder, "config/prod.yml"));
    const before = await reflex(folder, "deploy", "--stage", "prod", "--package", join(old, "package"));
    expect(before.output).toContain("Service deployed to stack reflex-prod");
    await dynamo.send(new BatchWriteItemCommand({ RequestItems: { "reflex-prod-ledger": writtenBefore() } }));
    await dynamo.send(new PutItemCommand({ TableName: "landed", Item: { paymentId: { S: "p-1" } } }));
    const data = await placesOfData();

    const after = await reflex(folder, "deploy", "--stage", "prod");
    expect(after.output).toContain("Service deployed to stack reflex-prod");
    expect(await placesOfData()).toEqual(data);
    expect(data.filter(({ type }) => type === "AWS::DynamoDB::Table")).toHaveLength(3);
    const { Count } = await dynamo.send(new ScanCommand({ TableName: "landed" }));
    expect(Count).toBe(1);

    const why = await reflex(folder, "why", "stream/payments", "--stage", "prod");
    expect(why.output).toContain("1 -> 2");
  });

  test("answers a machine in JSON", async () => {
    const json = async (...args: readonly string[]) => {
      const { code, output } = await reflex(folder, ...args, "--json");
      return { code, found: JSON.parse(output) };
    };
    expect(await json("smoke", "--stage", "dev")).toEqual({
      code: 0,
      found: {
        stage: "dev",
        functions: [
          expect.objectContaining({ name: "reflex-dev-reshard-streams", region: "us-east-1", failed: false }),
        ],
      },
    });
    expect(await json("pause", "all", "--for", "1h", "--why", "a test", "--stage", "prod")).toEqual({
      code: 0,
      found: expect.objectContaining({ stage: "prod", scope: "all", why: "a test", underWay: [] }),
    });
    expect(await json("undo", "nothing", "--stage", "prod")).toEqual({
      code: 1,
      found: { id: "nothing", done: [], notDone: [expect.stringContaining("nothing")] },
    });
    expect(await json("redrive", "--queue", "reflex-prod-quarantine")).toEqual({
      code: 0,
      found: { putBack: 0, failed: 0, gone: 0, left: {}, again: {} },
    });
  });

  test("names the place of what is wrong in the folder's config, and ends with 1", async () => {
    writeFileSync(join(folder, "config/prod.yml"), "extends: base.yml\nstreams:\n  orders: { maks: 4 }\n");
    const { code, output } = await reflex(folder, "check");
    expect(output).toContain("config/prod.yml:3:13: streams.orders.maks: is no key here");
    expect(code).toBe(1);
  });
});

/** The ledger as 0.1.0 wrote it: a stream that was scaled out, as if it were this stage's. */
function writtenBefore() {
  return state.items
    .filter(({ pk }) => pk.S === "stream/done")
    .map((item) => ({
      PutRequest: { Item: Object.fromEntries([...Object.entries(item), ["pk", { S: "stream/payments" }]]) },
    }));
}

/** What a stack must not make anew: it is empty then. */
async function placesOfData() {
  const { StackResourceSummaries = [] } = await cloudFormation.send(
    new ListStackResourcesCommand({ StackName: "reflex-prod" }),
  );
  return StackResourceSummaries.map(({ LogicalResourceId, PhysicalResourceId, ResourceType = "" }) => ({
    id: LogicalResourceId,
    name: PhysicalResourceId,
    type: ResourceType,
  })).filter(({ type }) =>
    ["AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::SQS::Queue", "AWS::SNS::Topic"].includes(type),
  );
}
