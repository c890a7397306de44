import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import type { Invocation } from "../../sandbox/lambda/function.ts";
import { clientFor } from "../../sandbox/stories/client.ts";
import { readTemplate, TEMPLATE_FILE } from "../../sandbox/template/template.ts";
import { sampleEvent } from "./house.ts";
import { copyService, type Ended, type ServiceCopy } from "./service-copy.ts";

const FUNCTION = "reflex-dev-reshard-streams";

let account: Account;
let service: ServiceCopy;

/** The life of a stack, from an account without anything to one without anything. */
let life: {
  readonly first: Ended;
  readonly inStack: string[];
  readonly invoked: Invocation;
  readonly again: Ended;
  readonly changed: Ended;
  readonly lookedWhenChanged: Invocation;
  readonly listed: Ended;
  readonly rolledBack: Ended;
  readonly lookedWhenRolledBack: Invocation;
  readonly removed: Ended;
  readonly left: Record<string, readonly string[]>;
};

beforeAll(async () => {
  account = await startAccount({ speed: 0, log: (line) => console.error(line) });
  service = copyService(account.url);
  const look = () => account.lambda.invoke(FUNCTION, sampleEvent("reshard-streams-by-hand.json"));

  const first = await service.serverless("deploy");
  const inStack = [...account.cloudformation.stacks.find("reflex-dev").resources.keys()];
  const invoked = await look();
  const again = await service.serverless("deploy");

  const config = join(service.dir, "config", "dev.yml");
  const text = readFileSync(config, "utf8");
  writeFileSync(config, text.replace("  sample:", "  other:"));
  const changed = await service.serverless("deploy");
  const lookedWhenChanged = await look();

  const listed = await service.serverless("deploy", "list");
  const [timestamp = ""] = /(?<=Timestamp: )\d+/.exec(listed.output) ?? [];
  const rolledBack = await service.serverless("rollback", "--timestamp", timestamp);
  const lookedWhenRolledBack = await look();

  const removed = await service.serverless("remove");
  const left = await whatIsThere();
  life = {
    ...{ first, inStack, invoked, again, changed, lookedWhenChanged, listed },
    ...{ rolledBack, lookedWhenRolledBack, removed, left },
  };
}, 600_000);

afterAll(async () => {
  service.remove();
  await account.stop();
});

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

describe("serverless deploy, from nothing", () => {
  test("completes", () => {
    expect(life.first.output).toContain("Service deployed to stack reflex-dev");
    expect(life.first.code).toBe(0);
  });

  test("creates everything the template declares", () => {
    const { Resources } = readTemplate(join(inject("packageDir"), TEMPLATE_FILE));
    expect(life.inStack.toSorted()).toEqual(Object.keys(Resources).toSorted());
  });

  test("leaves a function that runs", () => {
    expect(life.invoked.result).toMatchObject({
      ok: true,
      payload: expect.stringContaining('"stream":"sample"'),
    });
  });
});

test("a second deploy without changes changes nothing, and says so", () => {
  expect(life.again.output).toContain("No changes to deploy");
  expect(life.again.code).toBe(0);
});

describe("a deploy with another config", () => {
  test("completes", () => {
    expect(life.changed.output).toContain("Service deployed to stack reflex-dev");
  });

  test("puts another function in the place of the first", () => {
    expect(life.lookedWhenChanged.result).toMatchObject({
      ok: false,
      error: { errorMessage: expect.stringContaining("names stream sample, which no entry") },
    });
  });
});

describe("a roll-back to the first deploy", () => {
  test("completes", () => {
    expect(life.rolledBack.output).toContain("Service rolled back to timestamp");
  });

  test("brings its function back", () => {
    expect(life.lookedWhenRolledBack.result).toMatchObject({ ok: true });
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
