import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-kinesis";
import { SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { folderWith } from "../../shared/config/folder.ts";
import { context } from "../../shared/lambda/context.ts";
import { captureOutput, metricsIn, type Output } from "../../shared/lambda/output.ts";
import { tick } from "./account.ts";

const kinesis = mockClient(KinesisClient);
const cloudwatch = mockClient(CloudWatchClient);
const dynamodb = mockClient(DynamoDBClient);
const sns = mockClient(SNSClient);

let output: Output;
beforeAll(() => {
  output = captureOutput();
});
afterAll(() => output.restore());

const folders: { remove(): void }[] = [];
beforeEach(() => {
  for (const client of [kinesis, cloudwatch, dynamodb, sns]) client.reset();
  output.take();
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const folder of folders.splice(0)) folder.remove();
});

/** The handler of a fresh process, with the environment serverless.yml gives it and this config. */
async function handlerWith(config: string, env: Readonly<Record<string, string | undefined>> = {}) {
  const folder = folderWith({ "config/test.yml": config });
  folders.push(folder);
  const given = {
    REFLEX_CONFIG: `${folder.path}/config`,
    REFLEX_STAGE: "test",
    LEDGER_TABLE: "reflex-test-ledger",
    NOTIFY_TOPIC: "reflex-test-notify",
    ALARM_NAME_PREFIX: "reflex-test-stream-",
    ...env,
  };
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
  vi.resetModules();
  const { handler } = await import("../../../functions/reshard-streams/handler.ts");
  return (event: unknown) => handler(event, context());
}

it("sweeps: asks for the alarms of its stage, and looks at the streams of its config", async () => {
  cloudwatch.on(DescribeAlarmsCommand).resolves({});
  const gone = new ResourceNotFoundException({ message: "not found", $metadata: { httpStatusCode: 400 } });
  kinesis.on(DescribeStreamSummaryCommand).rejects(gone);
  const handler = await handlerWith("streams:\n  orders: { max: 4 }\n");
  await expect(handler(tick())).rejects.toThrow(/stream\/orders/);

  const [alarms] = cloudwatch.commandCalls(DescribeAlarmsCommand);
  expect(alarms?.args[0].input.AlarmNamePrefix).toBe("reflex-test-stream-");
  const asked = kinesis
    .commandCalls(DescribeStreamSummaryCommand)
    .map(({ args }) => args[0].input.StreamName);
  expect(asked).toEqual(["orders"]);
  const tables = dynamodb.calls().map(({ args }) => Reflect.get(args[0].input, "TableName"));
  // The history of the stream, its incidents, and what waits to be sent.
  expect(new Set(tables)).toEqual(new Set(["reflex-test-ledger"]));
});

it("answers every invocation with what is wrong in its config, and calls nothing", async () => {
  const handler = await handlerWith("streams:\n  orders: { max: none }\n");
  for (let invocation = 0; invocation < 2; invocation += 1) {
    await expect(handler(tick())).rejects.toThrow(
      /config\/test\.yml:2:13: streams\.orders\.max: found "none"/,
    );
    expect(metricsIn(output.take())).toMatchObject([{ Errors: 1, Class: "Misconfigured" }]);
  }
  expect(cloudwatch.calls()).toEqual([]);
});

it.each(["LEDGER_TABLE", "NOTIFY_TOPIC", "ALARM_NAME_PREFIX"])("does not load without %s", async (name) => {
  await expect(handlerWith("streams: {}\n", { [name]: undefined })).rejects.toThrow(`${name} is not set`);
});
