import { readSecrets } from "../../../shared/cloudformation/read-secrets.ts";
import { arn, arnOf, type Resource, ref } from "../../../shared/cloudformation/resource.ts";
import { functionRole, logAndTrace } from "../../../shared/cloudformation/role.ts";
import { mailSubscriptions } from "../../../shared/cloudformation/service-resources.ts";
import { queuePolicy, topicPolicy } from "../../../shared/cloudformation/tls-only.ts";
import { logicalId } from "../../../shared/config/logical-id.ts";
import { TOPIC_OF } from "../../../shared/monitoring/alarm.ts";
import { wellPattern } from "../../../shared/monitoring/topic.ts";
import type { NotifyConfig } from "../../../shared/routes/routes.ts";
import { secretRefs } from "../../../shared/routes/secret-refs.ts";
import { mailTopic, type Target, topicOf } from "../../../shared/routes/targets.ts";
import { uniqueTargets } from "../../../shared/routes/unique-targets.ts";

/** As serverless names it. */
const FUNCTION = "DeliverDashnotificationsLambdaFunction";
const FOURTEEN_DAYS_SECONDS = 1_209_600;
/** AWS asks for six times the function's time-out, so that no message comes again while it is being delivered. */
const VISIBILITY_SECONDS = 360;
/** With the back-off of decide/back-off.ts a message comes for the hundredth time after about a day. */
const MOST_RECEIVES = 100;

/** The queue between the topic and the function, its dead-letter queue, the mapping, the role, and topics for mail. */
export function resourcesFor(config: NotifyConfig, stage: string): Record<string, Resource> {
  const targets = uniqueTargets(config.routes);
  return {
    ...queues(stage),
    ...deliveries(stage),
    DeliverNotificationsRole: role(config, targets, stage),
    ...Object.assign({}, ...targets.map((target) => mailResources(target, stage))),
  };
}

function queues(stage: string): Record<string, Resource> {
  return {
    DeliveryQueue: queue(`reflex-${stage}-deliveries`, {
      VisibilityTimeout: VISIBILITY_SECONDS,
      RedrivePolicy: { deadLetterTargetArn: arnOf("UndeliveredQueue"), maxReceiveCount: MOST_RECEIVES },
    }),
    UndeliveredQueue: queue(`reflex-${stage}-undelivered`, {}),
    DeliveryQueuePolicy: queuePolicy(
      "DeliveryQueue",
      maySend("TheTopicsSend", "sns.amazonaws.com", [
        ref("NotifyTopic"),
        ...Object.values(TOPIC_OF).map((topic) => ref(topic)),
      ]),
      maySend("TheRuleSends", "events.amazonaws.com", [arn("events", `rule/${wellRuleName(stage)}`)]),
    ),
    UndeliveredQueuePolicy: queuePolicy("UndeliveredQueue"),
  };
}

/** From the topics to the queue, and from the queue to the function. */
function deliveries(stage: string): Record<string, Resource> {
  return {
    DeliverySubscription: subscription("NotifyTopic"),
    ...alarmsOnReflex(stage),
    DeliverMapping: {
      Type: "AWS::Lambda::EventSourceMapping",
      DependsOn: ["DeliverNotificationsRole"],
      Properties: {
        EventSourceArn: arnOf("DeliveryQueue"),
        FunctionName: arnOf(FUNCTION),
        BatchSize: 5,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
    },
  };
}

const maySend = (Sid: string, Service: string, sources: readonly unknown[]): Resource => ({
  ...{ Sid, Effect: "Allow", Principal: { Service }, Action: "sqs:SendMessage" },
  Resource: arnOf("DeliveryQueue"),
  Condition: { ArnEquals: { "aws:SourceArn": sources } },
});

/**
 * Alarms on Reflex itself come from their topics, in JSON: what a rule says there for people is filtered out. That one is
 * well again comes from the event bus, whatever its state was before: the end of a sweep's silence looks like the first
 * data of a new alarm, and only what is kept of it shows which it is. One that is deleted is over too.
 */
const alarmsOnReflex = (stage: string): Record<string, Resource> => ({
  ...Object.fromEntries(
    Object.values(TOPIC_OF).map((topic) => [
      `Delivery${topic}Subscription`,
      subscription(topic, {
        FilterPolicyScope: "MessageBody",
        FilterPolicy: { AlarmName: [{ exists: true }] },
      }),
    ]),
  ),
  DeliveryAlarmIsWell: {
    Type: "AWS::Events::Rule",
    Properties: {
      Name: wellRuleName(stage),
      Description: "Brings the end of alarms on Reflex to their routes",
      EventPattern: wellPattern(stage),
      Targets: [{ Id: "queue", Arn: arnOf("DeliveryQueue") }],
    },
  },
});

const wellRuleName = (stage: string): string => `reflex-${stage}-alarm-is-well`;

const subscription = (topic: string, more: Resource = {}): Resource => ({
  Type: "AWS::SNS::Subscription",
  Properties: {
    TopicArn: ref(topic),
    Protocol: "sqs",
    Endpoint: arnOf("DeliveryQueue"),
    RawMessageDelivery: true,
    ...more,
  },
});

const queue = (QueueName: string, more: Resource): Resource => ({
  Type: "AWS::SQS::Queue",
  Properties: {
    QueueName,
    SqsManagedSseEnabled: true,
    MessageRetentionPeriod: FOURTEEN_DAYS_SECONDS,
    ...more,
  },
});

const mailId = ({ key }: Target): string => `RouteMail${logicalId(key)}`;

/** A topic of its own for each list of addresses: SNS sends mail to subscribers only. */
function mailResources(target: Target, stage: string): Record<string, Resource> {
  if (!target.email) return {};
  const id = mailId(target);
  return {
    [id]: {
      Type: "AWS::SNS::Topic",
      Properties: { TopicName: mailTopic(stage, target), KmsMasterKeyId: "alias/aws/sns" },
    },
    [`${id}Policy`]: topicPolicy(id),
    ...mailSubscriptions(`${id}To`, id, target.email),
  };
}

function role(config: NotifyConfig, targets: readonly Target[], stage: string): Resource {
  return functionRole("deliver-notifications", [
    {
      sid: "TakeFromTheQueue",
      actions: [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
      ],
      on: [arnOf("DeliveryQueue")],
    },
    {
      sid: "KeepWhatWasDelivered",
      actions: ["dynamodb:GetItem", "dynamodb:PutItem"],
      on: [arnOf("LedgerTable")],
    },
    {
      sid: "PublishToRoutes",
      actions: ["sns:Publish"],
      on: [
        ...topicsOf(targets).map((topic) => (topic.startsWith("arn:") ? topic : arn("sns", topic))),
        ...targets.flatMap((target) => (target.email ? [ref(mailId(target))] : [])),
      ],
    },
    {
      sid: "PutEvents",
      actions: ["events:PutEvents"],
      on: busesOf(targets).map((bus) => (bus.startsWith("arn:") ? bus : arn("events", `event-bus/${bus}`))),
    },
    ...readSecrets(secretRefs(config)),
    {
      sid: "FindTheApprovalPage",
      actions: ["lambda:GetFunctionUrlConfig"],
      on: config.approvals ? [arn("lambda", `function:reflex-${stage}-approve-changes`)] : [],
    },
    ...logAndTrace(`reflex-${stage}-deliver-notifications`),
  ]);
}

/** Topics and buses that routes name, each once. */
export const topicsOf = (targets: readonly Target[]): readonly string[] => [
  ...new Set(targets.flatMap((target) => topicOf(target) ?? [])),
];
export const busesOf = (targets: readonly Target[]): readonly string[] => [
  ...new Set(targets.flatMap(({ eventbridge }) => eventbridge?.bus ?? [])),
];
