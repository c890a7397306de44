import { ChangeMessageVisibilityCommand } from "@aws-sdk/client-sqs";
import { asFailure } from "../../shared/aws/failure.ts";
import { inParallel } from "../../shared/aws/in-parallel.ts";
import type { ReflexError } from "../../shared/lambda/errors.ts";
import { recordFailure } from "../../shared/lambda/record-failure.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { secretRefs } from "../../shared/routes/secret-refs.ts";
import type { Credentials } from "../../shared/secrets/credentials.ts";
import { TooManyRequests } from "./act/post.ts";
import { retryAfterSeconds } from "./decide/back-off.ts";
import { deliverMessage } from "./run/deliver-message.ts";
import type { Dependencies } from "./run/dependencies.ts";
import { sendTest, type TestResult } from "./run/send-test.ts";
import { decodeTrigger, type QueueMessage } from "./triggers/event.ts";

/** What Lambda takes out of a batch that it has to bring again. */
export interface BatchReport {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

const MESSAGES_AT_ONCE = 5;
/** A target that fails so often in a row is no blip: the alarm on notifications that fail is to fire. */
const COUNTED_FROM = 4;

/** One invocation: every message of the batch to every target that its notifications' routes name. */
export async function deliverNotifications(
  event: unknown,
  run: Run,
  deps: Dependencies,
): Promise<BatchReport | TestResult> {
  const trigger = decodeTrigger(event);
  run.annotate("trigger", trigger.kind);
  if (trigger.kind === "nothing") return { batchItemFailures: [] };
  if (trigger.kind === "test") return sendTest(trigger, run, deps);

  const refs = secretRefs(deps.config);
  const credentials = await deps.credentials.read(refs, run.clock.now(), run.signal);
  const left = await inParallel(trigger.messages, MESSAGES_AT_ONCE, async (message) => {
    const failures = await run.stage("deliver", () => deliverOne(message, credentials, run, deps));
    if (failures.length > 0) await postpone(message, failures, trigger.queueArn, run, deps);
    return failures.length > 0 ? [{ itemIdentifier: message.id }] : [];
  });
  run.log.info("done", { messages: trigger.messages.length, left: left.flat().length });
  return { batchItemFailures: left.flat() };
}

/** What goes wrong with one message stops no other. */
async function deliverOne(
  { body, receives }: QueueMessage,
  credentials: Credentials,
  run: Run,
  deps: Dependencies,
): Promise<readonly ReflexError[]> {
  try {
    const failures = await deliverMessage(body, credentials, run, deps);
    if (failures.length > 0 && receives >= COUNTED_FROM) run.metrics.count("NotificationFailures");
    return failures;
  } catch (error) {
    return [recordFailure(error, { call: "deliver", resource: "the queue" }, run).failure];
  }
}

/** Has the message come again later. Where that fails, it comes when its visibility timeout is over. */
async function postpone(
  { receipt, receives }: QueueMessage,
  failures: readonly ReflexError[],
  queueArn: string,
  run: Run,
  { sqs, random }: Dependencies,
): Promise<void> {
  const asked = failures.map((failure) =>
    failure instanceof TooManyRequests ? failure.retryAfterSeconds : 0,
  );
  const command = new ChangeMessageVisibilityCommand({
    QueueUrl: queueUrl(queueArn),
    ReceiptHandle: receipt,
    VisibilityTimeout: retryAfterSeconds(receives, Math.max(...asked), random()),
  });
  try {
    await sqs.send(command, { abortSignal: run.signal });
  } catch (error) {
    run.log.warn(asFailure(error, "sqs:ChangeMessageVisibility", "the queue").message);
  }
}

/** Says which queue; where it is asked, the client's endpoint says. */
function queueUrl(arn: string): string {
  const [, partition, , region, account, name] = arn.split(":");
  return `https://sqs.${region}.${partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"}/${account}/${name}`;
}
