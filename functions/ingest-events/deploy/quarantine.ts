import { arnOf, type Resource, ref } from "../../../shared/cloudformation/resource.ts";
import { bucketPolicy, queuePolicy } from "../../../shared/cloudformation/tls-only.ts";
import { deletionPolicy } from "../../../shared/config/deletion-policy.ts";

const FOURTEEN_DAYS_SECONDS = 1_209_600;

/** Where records and batches are kept that were not landed. */
export function quarantineResources(stage: string): Record<string, Resource> {
  const queue = (name: string): Resource => ({
    Type: "AWS::SQS::Queue",
    DeletionPolicy: deletionPolicy(stage),
    UpdateReplacePolicy: "Retain",
    Properties: {
      QueueName: `reflex-${stage}-${name}`,
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: FOURTEEN_DAYS_SECONDS,
      // Longer than a redrive has a message in hand.
      VisibilityTimeout: 300,
    },
  });
  return {
    // Records that can never succeed: no JSON, no id, refused, in conflict. `npm run redrive` puts them back.
    QuarantineQueue: queue("quarantine"),
    QuarantineQueuePolicy: queuePolicy("QuarantineQueue"),
    // Says which batches Lambda gave up: S3 sends a message for each that comes into the bucket of that name.
    FailedBatchesQueue: queue("failed-batches"),
    FailedBatchesQueuePolicy: queuePolicy("FailedBatchesQueue", newFailedBatches(stage)),
    // Batches that Lambda gave up, with all their records: `npm run redrive` brings them from there, also when the
    // stream has forgotten them.
    FailedBatchesBucket: {
      ...bucket("failed-batches", stage, {
        NotificationConfiguration: {
          QueueConfigurations: [{ Event: "s3:ObjectCreated:*", Queue: arnOf("FailedBatchesQueue") }],
        },
      }),
      // S3 tries the queue when it is given as a destination.
      DependsOn: "FailedBatchesQueuePolicy",
    },
    FailedBatchesBucketPolicy: bucketPolicy("FailedBatchesBucket"),
    // Quarantined records that are too large for a message.
    QuarantineBucket: bucket("quarantine", stage),
    QuarantineBucketPolicy: bucketPolicy("QuarantineBucket"),
  };
}

/** The bucket by its name: it waits for this policy. */
function newFailedBatches(stage: string): Resource {
  const bucketArn = `arn:\${AWS::Partition}:s3:::reflex-${stage}-failed-batches-\${AWS::AccountId}-\${AWS::Region}`;
  return {
    Sid: "NewFailedBatches",
    Effect: "Allow",
    Principal: { Service: "s3.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: arnOf("FailedBatchesQueue"),
    Condition: {
      ArnEquals: { "aws:SourceArn": { "Fn::Sub": bucketArn } },
      StringEquals: { "aws:SourceAccount": ref("AWS::AccountId") },
    },
  };
}

function bucket(name: string, stage: string, more: Resource = {}): Resource {
  return {
    Type: "AWS::S3::Bucket",
    // CloudFormation deletes no bucket that has something in it: scripts/serverless/delete-buckets.cjs does, after the
    // stack.
    DeletionPolicy: "RetainExceptOnCreate",
    UpdateReplacePolicy: "Retain",
    Metadata: { AfterTheStack: deletionPolicy(stage) },
    Properties: {
      BucketName: { "Fn::Sub": `reflex-${stage}-${name}-\${AWS::AccountId}-\${AWS::Region}` },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      ...more,
      LifecycleConfiguration: {
        // As long as the queue keeps its messages, and a day to spare.
        Rules: [{ Id: "gone-with-its-message", Status: "Enabled", ExpirationInDays: 15 }],
      },
    },
  };
}
