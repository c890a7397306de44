import { deletionPolicy } from "../config/deletion-policy.ts";
import { CHANGES_INDEX, CHANGES_KEYS } from "../ledger/changes-index.ts";
import { OUTBOX_INDEX, OUTBOX_KEYS } from "../ledger/outbox-index.ts";
import { type Resource, ref } from "./resource.ts";
import { queuePolicy, topicPolicy } from "./tls-only.ts";

/**
 * What more than one automation uses: the ledger, the topic of notifications, the queue of failed events.
 *
 * @param emails a subscription for each
 */
export function serviceResources(emails: readonly string[], stage: string): Record<string, Resource> {
  return {
    LedgerTable: ledger(stage),
    NotifyTopic: {
      Type: "AWS::SNS::Topic",
      Properties: { TopicName: `reflex-${stage}-notify`, KmsMasterKeyId: "alias/aws/sns" },
    },
    NotifyTopicPolicy: topicPolicy("NotifyTopic"),
    ...mailSubscriptions("NotifyMail", "NotifyTopic", emails),
    // Events of runs that failed. The next scheduled run goes on without them; they are kept for whoever looks why.
    FailedEventsQueue: {
      Type: "AWS::SQS::Queue",
      Properties: {
        QueueName: `reflex-${stage}-failed-events`,
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: 1_209_600,
      },
    },
    FailedEventsQueuePolicy: queuePolicy("FailedEventsQueue"),
  };
}

/** What was done to each resource: lease, intent, outcome, audit trail (shared/ledger). */
function ledger(stage: string): Resource {
  return {
    Type: "AWS::DynamoDB::Table",
    DeletionPolicy: deletionPolicy(stage),
    UpdateReplacePolicy: "Retain",
    Properties: {
      TableName: `reflex-${stage}-ledger`,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
        { AttributeName: OUTBOX_KEYS.partition, AttributeType: "S" },
        { AttributeName: OUTBOX_KEYS.sort, AttributeType: "S" },
        { AttributeName: CHANGES_KEYS.partition, AttributeType: "S" },
        { AttributeName: CHANGES_KEYS.sort, AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        // Holds only items with a notification that waits to be sent.
        index(OUTBOX_INDEX, OUTBOX_KEYS),
        // Holds only changes.
        index(CHANGES_INDEX, CHANGES_KEYS),
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    },
  };
}

const index = (
  IndexName: string,
  { partition, sort }: { readonly partition: string; readonly sort: string },
): Resource => ({
  IndexName,
  KeySchema: [
    { AttributeName: partition, KeyType: "HASH" },
    { AttributeName: sort, KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "ALL" },
});

/** One mail subscription for each address, which has to confirm it. */
export function mailSubscriptions(
  idPrefix: string,
  topic: string,
  emails: readonly string[],
): Record<string, Resource> {
  return Object.fromEntries(
    emails.map((Endpoint, at) => [
      `${idPrefix}${at}`,
      {
        Type: "AWS::SNS::Subscription",
        Properties: { TopicArn: ref(topic), Protocol: "email", Endpoint },
      },
    ]),
  );
}
