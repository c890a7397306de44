import { arnOf, type Resource, ref } from "./resource.ts";

/** The statement of a resource policy that refuses a connection without TLS. */
export const tlsOnly = (action: string, resource: unknown): Resource => ({
  Sid: "NothingWithoutTls",
  Effect: "Deny",
  Principal: "*",
  Action: action,
  Resource: resource,
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});

const policy = (Type: string, names: Resource, ...Statement: readonly Resource[]): Resource => ({
  Type,
  Properties: { ...names, PolicyDocument: { Version: "2012-10-17", Statement } },
});

/**
 * @param queue its logical id
 * @param others who may do what else
 */
export const queuePolicy = (queue: string, ...others: readonly Resource[]): Resource =>
  policy("AWS::SQS::QueuePolicy", { Queues: [ref(queue)] }, ...others, tlsOnly("sqs:*", arnOf(queue)));

/**
 * @param topic its logical id
 * @param others who may do what else
 */
export const topicPolicy = (topic: string, ...others: readonly Resource[]): Resource =>
  policy("AWS::SNS::TopicPolicy", { Topics: [ref(topic)] }, ...others, tlsOnly("sns:Publish", ref(topic)));

/**
 * @param bucket its logical id
 * @param others who may do what else
 */
export const bucketPolicy = (bucket: string, ...others: readonly Resource[]): Resource =>
  policy(
    "AWS::S3::BucketPolicy",
    { Bucket: ref(bucket) },
    ...others,
    tlsOnly("s3:*", [arnOf(bucket), { "Fn::Sub": `\${${bucket}.Arn}/*` }]),
  );
