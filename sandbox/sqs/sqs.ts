import * as z from "zod/mini";
import type { Clock } from "../../shared/time/clock.ts";
import { notSimulated } from "../not-simulated.ts";
import { ACCOUNT_ID, DEFAULT_REGION, type Properties, type ResourceType, type Service } from "../service.ts";
import { answer, type Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { integer } from "../wire/scalars.ts";
import { createQueue, md5, type Queue } from "./queue.ts";

export interface SqsDependencies {
  readonly clock: Clock;
  readonly endpointUrl: () => string;
}

export interface Sqs extends Service {
  queue(nameOrArn: string): Queue | undefined;
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
});

const WITHOUT_EFFECT = {
  KmsMasterKeyId: "the queue is in memory and gone at the end",
  SqsManagedSseEnabled: "the queue is in memory and gone at the end",
  RedrivePolicy: "messages stay however often they are received",
};

/**
 * SQS standard queues: where the events of failed runs go. Sent, received and deleted one message at a time;
 * no FIFO, no batches, no long polling, no redrive.
 */
export function createSqs({ clock, endpointUrl }: SqsDependencies): Sqs {
  const queues = new Map<string, Queue>();
  const urlOf = ({ name }: Queue) => `${endpointUrl()}/${ACCOUNT_ID}/${name}`;

  const create = (name: string, properties: Properties): Queue => {
    const { VisibilityTimeout, MessageRetentionPeriod } = parse(QueueProperties, properties);
    const times = { visibilityMs: VisibilityTimeout * 1000, retentionMs: MessageRetentionPeriod * 1000 };
    const arn = `arn:aws:sqs:${DEFAULT_REGION}:${ACCOUNT_ID}:${name}`;
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
    send: (queueArn, body) => void find(queueArn).send(body),
  };
}

const ByName = z.looseObject({ QueueName: z.string() });
const ByUrl = z.looseObject({ QueueUrl: z.string() });
const Send = z.looseObject({ QueueUrl: z.string(), MessageBody: z.string() });
const Receive = z.looseObject({
  QueueUrl: z.string(),
  MaxNumberOfMessages: z._default(integer, 1),
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
      const { id } = find(QueueUrl).send(MessageBody);
      return { MessageId: id, MD5OfMessageBody: md5(MessageBody) };
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
    PurgeQueue: (input) => {
      find(parse(ByUrl, input).QueueUrl).purge();
      return undefined;
    },
  };
}
