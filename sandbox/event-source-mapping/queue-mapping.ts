import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import type { RoleAllows } from "../iam/execution-role.ts";
import { notSimulated } from "../not-simulated.ts";
import { type CreatedResource, DEFAULT_REGION, type Properties } from "../service.ts";
import { md5, type Queue, type Received } from "../sqs/queue.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { boolean, integer } from "../wire/scalars.ts";
import type { Attempt } from "./delivery.ts";

/** `AWS::Lambda::EventSourceMapping` of a standard queue. */
const QueueMappingProperties = z.looseObject({
  EventSourceArn: z.string().check(z.regex(/^arn:[^:]+:sqs:/)),
  FunctionName: z.string(),
  Enabled: z._default(boolean, true),
  BatchSize: z._default(z.pipe(integer, z.number().check(z.minimum(1), z.maximum(10))), 10),
  FunctionResponseTypes: z._default(z.array(z.literal("ReportBatchItemFailures")), []),
});
type QueueMapping = z.output<typeof QueueMappingProperties>;

const WITHOUT_EFFECT = { ScalingConfig: "one batch at a time is brought to the function" };

/** What Lambda does on the queue in the function's name. */
const READING = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

/** Lambda polls all the time; a second of the sandbox's clock is often enough. */
const POLL_MS = 1000;

export interface QueueMappingOptions {
  readonly clock: SandboxClock;
  readonly queue: (queueArn: string) => Queue | undefined;
  readonly roleOf: (nameOrArn: string) => string;
  readonly roleAllows?: RoleAllows;
  readonly attempt: (functionName: string, event: object) => Promise<Attempt>;
}

export const isQueueMapping = ({ EventSourceArn }: Properties): boolean =>
  typeof EventSourceArn === "string" && EventSourceArn.split(":")[2] === "sqs";

/**
 * Lambda's poller of a queue: brings batches to the function, and deletes what the function has done. What failed, or was
 * reported as failed, is received again when its visibility timeout is over.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function createQueueMapping(
  logicalId: string,
  properties: Properties,
  options: QueueMappingOptions,
): CreatedResource {
  let mapping = parse(QueueMappingProperties, properties, "InvalidParameterValueException");
  checkRole(mapping, options);
  const end = options.clock.every(POLL_MS, () => poll(mapping, options));
  const created = (given: Properties): CreatedResource => ({
    ref: logicalId,
    attributes: { Id: logicalId },
    notSimulated: notSimulated(
      logicalId,
      given,
      [...Object.keys(QueueMappingProperties.shape), "Tags"],
      WITHOUT_EFFECT,
    ),
    update: async (changed) => {
      mapping = parse(QueueMappingProperties, changed, "InvalidParameterValueException");
      return created(changed);
    },
    remove: async () => end(),
  });
  return created(properties);
}

function checkRole({ EventSourceArn, FunctionName }: QueueMapping, options: QueueMappingOptions): void {
  const role = options.roleOf(FunctionName);
  for (const operation of READING) {
    if (options.roleAllows?.(role, `sqs:${operation}`, EventSourceArn) === false) {
      const message = `The function execution role does not have permissions to call ${operation} on SQS`;
      throw new AwsError("InvalidParameterValueException", message);
    }
  }
}

/** Brings everything that is visible to the function, batch by batch. */
async function poll(mapping: QueueMapping, { queue: find, attempt }: QueueMappingOptions): Promise<void> {
  const queue = find(mapping.EventSourceArn);
  if (!mapping.Enabled || !queue || queue.counts().visible === 0) return;
  for (;;) {
    const batch = queue.receive(mapping.BatchSize);
    if (batch.length === 0) return;
    const outcome = await attempt(mapping.FunctionName, sqsEvent(batch, queue));
    if (outcome.kind !== "answered") continue;
    const failed = mapping.FunctionResponseTypes.length > 0 ? failures(outcome.payload, batch) : new Set();
    for (const { id, receipt } of batch) if (!failed.has(id)) queue.delete(receipt);
  }
}

const Report = z.nullish(
  z.looseObject({ batchItemFailures: z.nullish(z.array(z.looseObject({ itemIdentifier: z.unknown() }))) }),
);

/** The messages that failed; all of them where the report is none, or names what is not in the batch. */
function failures(payload: string, batch: readonly Received[]): ReadonlySet<unknown> {
  const all = new Set(batch.map(({ id }) => id));
  const report = z.safeParse(Report, payload === "" ? null : JSON.parse(payload));
  if (!report.success) return all;
  const named = (report.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  return named.every((id) => all.has(String(id))) ? new Set(named) : all;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
function sqsEvent(batch: readonly Received[], { arn }: Queue): object {
  return {
    Records: batch.map(({ id, body, sentAt, receipt, receives }) => ({
      messageId: id,
      receiptHandle: receipt,
      body,
      attributes: {
        ApproximateReceiveCount: String(receives),
        SentTimestamp: String(sentAt),
        SenderId: "AIDAIT2UOQQY3AUEKVGXU",
        ApproximateFirstReceiveTimestamp: String(sentAt),
      },
      messageAttributes: {},
      md5OfBody: md5(body),
      eventSource: "aws:sqs",
      eventSourceARN: arn,
      awsRegion: DEFAULT_REGION,
    })),
  };
}
