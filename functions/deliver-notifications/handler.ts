import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { clientOptions } from "../../shared/aws/client-options.ts";
import { eventBridge } from "../../shared/aws/runtime-clients.ts";
import { loadConfig } from "../../shared/config/load.ts";
import { requiredEnv } from "../../shared/config/required-env.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { parseRange } from "../../shared/net/address-range.ts";
import { createHttpPost } from "../../shared/net/http-post.ts";
import { notifySchema } from "../../shared/routes/routes.ts";
import { createCredentials } from "../../shared/secrets/credentials.ts";
import { createSecretSource } from "../../shared/secrets/secret-source.ts";
import { traced } from "../../shared/tracing/aws-calls.ts";
import { createApprovalUrl } from "./act/approval-url.ts";
import { createPost } from "./act/post.ts";
import { createSend } from "./act/send.ts";
import { createStateStore } from "./act/state-store.ts";
import { deliverNotifications } from "./deliver-notifications.ts";
import { alarmHistory, KEEP_THREAD_MS, NEW_ALARM, NEW_THREAD, threadState } from "./model.ts";
import type { Dependencies } from "./run/dependencies.ts";

const region = requiredEnv("AWS_REGION");
const dynamodb = traced(new DynamoDBClient(clientOptions()));
const ledger = requiredEnv("LEDGER_TABLE");
const sns = traced(new SNSClient(clientOptions()));
const clients = {
  threads: createStateStore(dynamodb, ledger, {
    ...{ prefix: "delivery", shape: threadState, initial: NEW_THREAD, keepMs: KEEP_THREAD_MS },
  }),
  alarms: createStateStore(dynamodb, ledger, { prefix: "alarm", shape: alarmHistory, initial: NEW_ALARM }),
  credentials: createCredentials(createSecretSource()),
  sqs: traced(new SQSClient({ ...clientOptions(), useQueueUrlAsEndpoint: false })),
  approvalUrl: createApprovalUrl(`reflex-${requiredEnv("REFLEX_STAGE")}-approve-changes`),
  random: Math.random,
  placeOf: ({ functionArn }: Pick<Run, "functionArn">) => {
    const [, partition = "aws", , inArn] = functionArn?.split(":") ?? [];
    return { partition, region: inArn ?? region };
  },
};
const stage = requiredEnv("REFLEX_STAGE");

const deps = loadConfig("notify", notifySchema).then(({ policies: config }): Dependencies => {
  const post = createPost(createHttpPost(config.allow.map(parseRange)));
  return {
    ...clients,
    config,
    send: createSend({ sns, eventBridge, post, stage, region }),
  };
});
// A wrong config is the error of every invocation, not a crash at load that nobody hears of.
deps.catch(() => {});

export const handler = reflex("deliver-notifications", async (event, run) =>
  deliverNotifications(event, run, await deps),
);
