import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../service.ts";

interface TypeRules {
  /** The property that names it, where the template may. */
  readonly name?: string;
  /** Properties whose change needs another resource in its place; the name is one of them. */
  readonly createOnly: readonly string[];
}

/** A type with a name and other properties that cannot change. */
const named = (name: string, ...createOnly: readonly string[]): TypeRules => ({
  name,
  createOnly: [name, ...createOnly],
});

/**
 * From `createOnlyProperties` of the resource schemas, which cfn-lint carries, and for tables from "Update requires:
 * Replacement" of the documentation.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html
 */
const RULES: Readonly<Record<string, TypeRules>> = {
  "AWS::CloudWatch::Alarm": named("AlarmName"),
  "AWS::CloudWatch::Dashboard": named("DashboardName"),
  "AWS::DynamoDB::Table": named(
    "TableName",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ImportSourceSpecification",
  ),
  "AWS::Events::Rule": named("Name"),
  "AWS::IAM::ManagedPolicy": named("ManagedPolicyName", "Description", "Path"),
  "AWS::IAM::Role": named("RoleName", "Path"),
  "AWS::Kinesis::Stream": named("Name"),
  "AWS::Lambda::EventInvokeConfig": { createOnly: ["FunctionName", "Qualifier"] },
  "AWS::Lambda::EventSourceMapping": {
    createOnly: ["EventSourceArn", "StartingPosition", "StartingPositionTimestamp"],
  },
  "AWS::Lambda::Function": named("FunctionName", "PackageType"),
  "AWS::Logs::LogGroup": named("LogGroupName"),
  "AWS::S3::Bucket": named("BucketName"),
  "AWS::S3::BucketPolicy": { createOnly: ["Bucket"] },
  "AWS::SNS::Subscription": { createOnly: ["Endpoint", "Protocol", "TopicArn"] },
  "AWS::SNS::Topic": named("TopicName", "FifoTopic"),
  "AWS::SQS::Queue": named("QueueName", "FifoQueue"),
};

/** The name a template gives a resource; undefined where it gives none. */
export function customName(type: string, properties: Properties): string | undefined {
  const property = RULES[type]?.name;
  const name = property === undefined ? undefined : properties[property];
  return typeof name === "string" ? name : undefined;
}

/** Whether these properties need another resource in its place. */
export function needsReplacement(type: string, before: Properties, after: Properties): boolean {
  const { createOnly = [] } = RULES[type] ?? {};
  return createOnly.some((property) => !isDeepStrictEqual(before[property], after[property]));
}
