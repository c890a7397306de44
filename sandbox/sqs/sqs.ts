import * as z from "zod/mini";
import type { Clock } from "../../shared/time/clock.ts";
import { notSimulated } from "../not-simulated.ts";
import { ACCOUNT_ID, DEFAULT_REGION, type Properties, type ResourceType, type Service } from "../service.ts";
import { answer, type Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { integer, list } from "../wire/scalars.ts";
import { createQueue, md5, type Queue } from "./queue.ts";

export interface SqsDependencies {
  readonly clock: Clock;
  readonly endpointUrl: () => string;
  /** The default region where absent. */
  readonly region?: string;
}

export interface Sqs extends Service {
  queue(nameOrArn: string): Queue | undefined;
  queues(): Queue[];
  /** Sends to the queue of an ARN. @throws {Error} where there is none */
  send(queueArn: string, body: string): void;
}

/** What AWS sets where the template does not, in seconds. */
const DEFAULT_VISIBILITY = 30;
const DEFAULT_RETENTION = 345_600;

const QueueProperties = z.looseObject({
  QueueName: z.optional(z.string()),
  VisibilityTimeout: z._default(integer, DEFAULT_VISIBILITY),
  MessageRetentionPeriod: z._default(integer, DEFAULT_RETENTION),
  RedrivePolicy: z.optional(z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: integer })),
});

const WITHOUT_EFFECT = {
  KmsMasterKeyId: "the queue is in memory and gone at the end",
  SqsManagedSseEnabled: "the queue is in memory and gone at the end",
};

/**
 * SQS standard queues: where the events of failed runs and quarantined records go. No FIFO, no message
 * attributes, no long polling (an empty queue answers at once).
 */
export function createSqs({ clock, endpointUrl, region = DEFAULT_REGION }: SqsDependencies): Sqs {
  const queues = new Map<string, Queue>();
  const urlOf = ({ name }: Queue) => `${endpointUrl()}/${ACCOUNT_ID}/${name}`;

  const create = (name: string, properties: Properties): Queue => {
    const { VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy } = parse(QueueProperties, properties);
    const times = {
      visibilityMs: VisibilityTimeout * 1000,
      retentionMs: MessageRetentionPeriod * 1000,
      redrive: RedrivePolicy && {
        maxReceives: RedrivePolicy.maxReceiveCount,
        send: (body: string) => void find(RedrivePolicy.deadLetterTargetArn).send(body),
      },
    };
    const arn = `arn:aws:sqs:${region}:${ACCOUNT_ID}:${name}`;
    const queue = queues.get(name) ?? createQueue({ name, arn, ...times }, () => clock.now());
    queue.configure(times);
    queues.set(name, queue);
    return queue;
  };

  const createFromTemplate: ResourceType = async (logicalId, properties) => {
    const known = Object.keys(QueueProperties.shape);
    const name = typeof properties.QueueName === "string" ? properties.QueueName : logicalId;
    const queue = create(name, properties);
    return {
      ref: urlOf(queue),
      attributes: { Arn: queue.arn, QueueName: name, QueueUrl: urlOf(queue) },
      notSimulated: notSimulated(logicalId, properties, [...known, "Tags"], WITHOUT_EFFECT),
      remove: async () => void queues.delete(name),
    };
  };

  const find = (nameUrlOrArn: string): Queue => {
    const queue = queues.get(nameUrlOrArn.split(/[/:]/).at(-1) ?? "");
    if (queue) return queue;
    throw new AwsError("QueueDoesNotExist", `The specified queue does not exist: ${nameUrlOrArn}`, {
      queryCode: "AWS.SimpleQueueService.NonExistentQueue",
    });
  };

  const service = {
    name: "SQS",
    operations: operationsOf(queues, find, urlOf),
    xmlNamespace: "http://queue.amazonaws.com/doc/2012-11-05/",
  };
  return {
    signingNames: ["sqs"],
    handle: (request) => answer(service, request),
    resources: {
      "AWS::SQS::Queue": createFromTemplate,
      // Nobody is refused here, so a policy changes nothing.
      "AWS::SQS::QueuePolicy": async (logicalId) => ({ ref: logicalId }),
    },
    queue: (nameOrArn) => queues.get(nameOrArn.split(":").at(-1) ?? ""),
    queues: () => [...queues.values()],
    send: (queueArn, body) => void find(queueArn).send(body),
  };
}

const ByName = z.looseObject({ QueueName: z.string() });
const ByUrl = z.looseObject({ QueueUrl: z.string() });
const Send = z.looseObject({ QueueUrl: z.string(), MessageBody: z.string() });
const entry = { Id: z.string().check(z.regex(/^[a-zA-Z0-9_-]{1,80}$/)) };
const SendBatch = z.looseObject({
  QueueUrl: z.string(),
  Entries: list(z.looseObject({ ...entry, MessageBody: z.string() })),
});
const DeleteBatch = z.looseObject({
  QueueUrl: z.string(),
  Entries: list(z.looseObject({ ...entry, ReceiptHandle: z.string() })),
});
const Visibility = z.looseObject({
  QueueUrl: z.string(),
  ReceiptHandle: z.string(),
  VisibilityTimeout: integer,
});
const Receive = z.looseObject({
  QueueUrl: z.string(),
  MaxNumberOfMessages: z._default(z.pipe(integer, z.number().check(z.minimum(1), z.maximum(10))), 1),
  VisibilityTimeout: z.optional(integer),
});
const Delete = z.looseObject({ QueueUrl: z.string(), ReceiptHandle: z.string() });
const List = z.looseObject({ QueueNamePrefix: z._default(z.string(), "") });

function operationsOf(
  queues: ReadonlyMap<string, Queue>,
  find: (nameUrlOrArn: string) => Queue,
  urlOf: (queue: Queue) => string,
): Record<string, Operation> {
  return {
    ListQueues: (input) => {
      const { QueueNamePrefix } = parse(List, input);
      const listed = [...queues.values()].filter(({ name }) => name.startsWith(QueueNamePrefix));
      return { QueueUrls: listed.map(urlOf) };
    },
    GetQueueUrl: (input) => ({ QueueUrl: urlOf(find(parse(ByName, input).QueueName)) }),
    GetQueueAttributes: (input) => {
      const queue = find(parse(ByUrl, input).QueueUrl);
      const { visible, hidden } = queue.counts();
      return {
        Attributes: {
          QueueArn: queue.arn,
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(hidden),
        },
      };
    },
    SendMessage: (input) => {
      const { QueueUrl, MessageBody } = parse(Send, input);
      const queue = find(QueueUrl);
      const refusal = bodyRefusal(MessageBody);
      if (refusal) throw refusal;
      const { id } = queue.send(MessageBody);
      return { MessageId: id, MD5OfMessageBody: md5(MessageBody) };
    },
    SendMessageBatch: (input) => {
      const { QueueUrl, Entries } = parse(SendBatch, input);
      const queue = find(QueueUrl);
      checkBatch(Entries);
      const bytes = Entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
      if (bytes > LARGEST_MESSAGE) {
        const message = `Batch requests cannot be longer than ${LARGEST_MESSAGE} bytes. You have sent ${bytes} bytes.`;
        throw new AwsError("BatchRequestTooLong", message, {
          queryCode: "AWS.SimpleQueueService.BatchRequestTooLong",
        });
      }
      const refused = Entries.map(({ MessageBody }) => bodyRefusal(MessageBody));
      return {
        Successful: Entries.filter((_, index) => !refused[index]).map(({ Id, MessageBody }) => ({
          Id,
          MessageId: queue.send(MessageBody).id,
          MD5OfMessageBody: md5(MessageBody),
        })),
        Failed: Entries.flatMap(({ Id }, index) => {
          const error = refused[index];
          return error ? [{ Id, Code: error.code, Message: error.message, SenderFault: true }] : [];
        }),
      };
    },
    ReceiveMessage: (input) => {
      const { QueueUrl, MaxNumberOfMessages, VisibilityTimeout } = parse(Receive, input);
      const visibilityMs = VisibilityTimeout === undefined ? undefined : VisibilityTimeout * 1000;
      const received = find(QueueUrl).receive(MaxNumberOfMessages, visibilityMs);
      const Messages = received.map(({ id, body, sentAt, receipt, receives }) => ({
        MessageId: id,
        Body: body,
        MD5OfBody: md5(body),
        ReceiptHandle: receipt,
        Attributes: { SentTimestamp: String(sentAt), ApproximateReceiveCount: String(receives) },
      }));
      return Messages.length > 0 ? { Messages } : {};
    },
    DeleteMessage: (input) => {
      const { QueueUrl, ReceiptHandle } = parse(Delete, input);
      find(QueueUrl).delete(ReceiptHandle);
      return undefined;
    },
    DeleteMessageBatch: (input) => {
      const { QueueUrl, Entries } = parse(DeleteBatch, input);
      const queue = find(QueueUrl);
      checkBatch(Entries);
      for (const { ReceiptHandle } of Entries) queue.delete(ReceiptHandle);
      return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
    },
    ChangeMessageVisibility: (input) => {
      const { QueueUrl, ReceiptHandle, VisibilityTimeout } = parse(Visibility, input);
      find(QueueUrl).hide(ReceiptHandle, VisibilityTimeout * 1000);
      return undefined;
    },
    PurgeQueue: (input) => {
      find(parse(ByUrl, input).QueueUrl).purge();
      return undefined;
    },
  };
}

/** 1 MiB, a message and all messages of a batch together. */
const LARGEST_MESSAGE = 1_048_576;
const LARGEST_BATCH = 10;

/** Only these may be in a message: https://www.w3.org/TR/REC-xml/#charsets */
const NOT_ALLOWED = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function bodyRefusal(body: string): AwsError | undefined {
  if (body === "") return new AwsError("MissingRequiredParameterException", "The message body is empty.");
  if (Buffer.byteLength(body) > LARGEST_MESSAGE) {
    const message = `One or more parameters are invalid. Reason: Message must be shorter than ${LARGEST_MESSAGE} bytes.`;
    return new AwsError("InvalidParameterValueException", message, { queryCode: "InvalidParameterValue" });
  }
  if (NOT_ALLOWED.test(body)) {
    return new AwsError("InvalidMessageContents", "The message contains characters that are not allowed.");
  }
  return undefined;
}

function checkBatch(entries: readonly { readonly Id: string }[]): void {
  const prefix = "AWS.SimpleQueueService.";
  const refuse = (code: string, message: string) => {
    throw new AwsError(code, message, { queryCode: `${prefix}${code}` });
  };
  if (entries.length === 0) refuse("EmptyBatchRequest", "There should be at least one entry in the batch.");
  if (entries.length > LARGEST_BATCH) {
    refuse(
      "TooManyEntriesInBatchRequest",
      `A batch has at most ${LARGEST_BATCH} entries, this one ${entries.length}.`,
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    refuse("BatchEntryIdsNotDistinct", "Two entries of the batch have the same Id.");
  }
}
