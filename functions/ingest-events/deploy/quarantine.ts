import type { Resource } from "../../../shared/cloudformation/resource.ts";
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
    // Where batches that Lambda gave up stand in the stream: `npm run redrive` reads them again from there, for as
    // long as the stream keeps them.
    FailedBatchesQueue: queue("failed-batches"),
    FailedBatchesQueuePolicy: queuePolicy("FailedBatchesQueue"),
    QuarantineBucket: bucket(stage),
    QuarantineBucketPolicy: bucketPolicy("QuarantineBucket"),
  };
}

/** Quarantined records that are too large for a message. */
function bucket(stage: string): Resource {
  return {
    Type: "AWS::S3::Bucket",
    // CloudFormation deletes no bucket that has something in it: scripts/serverless/delete-buckets.cjs does, after the
    // stack.
    DeletionPolicy: "Retain",
    UpdateReplacePolicy: "Retain",
    Metadata: { AfterTheStack: deletionPolicy(stage) },
    Properties: {
      BucketName: { "Fn::Sub": `reflex-${stage}-quarantine-\${AWS::AccountId}-\${AWS::Region}` },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        // As long as the queue keeps its messages, and a day to spare.
        Rules: [{ Id: "gone-with-its-message", Status: "Enabled", ExpirationInDays: 15 }],
      },
    },
  };
}
