import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import type { Invocation } from "../../sandbox/lambda/function.ts";
import { readTemplate, TEMPLATE_FILE } from "../../sandbox/template/template.ts";
import { copyService, type Ended, type ServiceCopy } from "./setup/service-copy.ts";
import { sampleEvent } from "./setup/test-rig.ts";

const FUNCTION = "reflex-dev-reshard-streams";

let account: Account;
let service: ServiceCopy;

/** The life of a stack, from an account without anything to one without anything. */
let life: {
  readonly released: Ended;
  readonly inStack: readonly string[];
  /** What the template declared at that time. */
  readonly declared: readonly string[];
  readonly again: Ended;
  readonly changed: Ended;
  readonly lookedWhenChanged: Invocation;
  readonly broken: Ended;
  readonly lookedWhenBroken: Invocation;
  readonly removed: Ended;
  readonly left: Record<string, readonly string[]>;
};

beforeAll(async () => {
  account = await startAccount({ speed: 0, log: (line) => console.error(line) });
  service = copyService(account.url);
  const look = () => account.lambda.invoke(FUNCTION, sampleEvent("reshard-streams-by-hand.json"));

  const released = await service.script("release/release.ts");
  const inStack = [...account.cloudformation.stacks.find("reflex-dev").resources.keys()];
  const { Resources } = readTemplate(join(service.dir, ".serverless", TEMPLATE_FILE));
  const declared = Object.keys(Resources);
  const again = await service.serverless("deploy");

  changeConfig("max: 2", "max: 3");
  const changed = await service.serverless("deploy");
  const lookedWhenChanged = await look();

  // The first stream in the config is the one the smoke test asks about.
  changeConfig("streams:\n", "streams:\n  not-there: { max: 2 }\n");
  const broken = await service.script("release/release.ts", "--json");
  const lookedWhenBroken = await look();

  // A bucket that has something in it, which CloudFormation does not delete.
  for (const bucket of account.s3.buckets
    .names()
    .filter((name) => name.startsWith("reflex-dev-quarantine"))) {
    account.s3.buckets.put(bucket, "a record", Buffer.from("too large for a message"));
  }
  const removed = await service.serverless("remove");
  const left = await whatIsThere();
  life = {
    ...{ released, inStack, declared, again, changed, lookedWhenChanged },
    ...{ broken, lookedWhenBroken, removed, left },
  };
}, 600_000);

afterAll(async () => {
  service.remove();
  await account.stop();
});

function changeConfig(from: string, to: string): void {
  const file = join(service.dir, "config", "dev.yml");
  writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
}

async function whatIsThere(): Promise<Record<string, readonly string[]>> {
  const { TableNames = [] } = await new DynamoDBClient(clientFor(account)).send(new ListTablesCommand({}));
  const { StreamNames = [] } = await new KinesisClient(clientFor(account)).send(new ListStreamsCommand({}));
  return {
    stacks: account.cloudformation.stacks.list().map(({ name }) => name),
    functions: account.lambda.configurations().map(({ name }) => name),
    buckets: account.s3.buckets.names(),
    tables: TableNames,
    streams: StreamNames,
    topics: account.sns.topics.list().map(({ arn }) => arn),
    subscriptions: account.sns.topics.subscriptions().map(({ arn }) => arn),
    queues: account.sqs.queues().map(({ name }) => name),
    rules: account.events.rules.list().map(({ arn }) => arn),
    alarms: account.cloudwatch.alarms.list().map(({ arn }) => arn),
  };
}

describe("a release, from nothing", () => {
  test("deploys", () => {
    expect(life.released.output).toContain("Service deployed to stack reflex-dev");
    expect(life.released.code).toBe(0);
  });

  test("creates everything the template declares", () => {
    expect(life.inStack.toSorted()).toEqual(life.declared.toSorted());
  });

  test("says what was created, and what to do next", () => {
    expect(life.released.output).toContain("created:\n");
    expect(life.released.output).toContain("  function reflex-dev-reshard-streams\n");
    expect(life.released.output).toContain("  table reflex-dev-ledger\n");
    expect(life.released.output).toContain("reflex smoke --stage dev");
  });

  test("asks every function and prints what it saw", () => {
    expect(life.released.output).toContain(
      'ok  reflex-dev-reshard-streams  {"stream":"sample","mode":"observe"}',
    );
    expect(life.released.output).toMatch(/(\d+) of \1 functions of stage dev answered\./);
  });
});

test("a deploy without changes changes nothing, and says so, and what to do next all the same", () => {
  expect(life.again.output).toMatch(/No changes to deploy[\s\S]*next:\n {2}reflex smoke --stage dev/);
  expect(life.again.output).toContain("No changes to deploy");
  expect(life.again.output).not.toContain("created:");
  expect(life.again.code).toBe(0);
});

test("a deploy with another config puts another function in the place of the first", () => {
  expect(life.changed.output).toContain("Service deployed to stack reflex-dev");
  expect(life.lookedWhenChanged.initMs).toBeDefined();
});

describe("a release whose functions fail", () => {
  test("says which and why", () => {
    expect(life.broken.output).toContain("FAILED  reflex-dev-reshard-streams");
    expect(life.broken.output).toContain("not-there");
  });

  test("goes back to what was deployed before", () => {
    expect(life.broken.output).toContain("Service rolled back to timestamp");
    expect(life.lookedWhenBroken.result).toMatchObject({ ok: true });
  });

  test("has failed", () => {
    expect(life.broken.code).toBe(1);
  });

  test("is one object with --json, and all else is not on stdout", () => {
    const { functions, ...released } = JSON.parse(life.broken.stdout);
    expect(released).toEqual({ stage: "dev", failed: "smoke", alarms: [], rollback: "done" });
    expect(functions).toContainEqual({
      ...{ name: FUNCTION, region: "us-east-1", event: { stream: "not-there", mode: "observe" } },
      ...{
        failed: true,
        answer: expect.objectContaining({ errorMessage: expect.stringContaining("not-there") }),
      },
    });
  });
});

describe("serverless remove", () => {
  test("completes", () => {
    expect(life.removed.output).toContain("Service reflex has been successfully removed");
    expect(life.removed.code).toBe(0);
  });

  test("leaves nothing behind", () => {
    const empty = Object.keys(life.left).map((sort) => [sort, []]);
    expect(life.left).toEqual(Object.fromEntries(empty));
  });
});
