import type { Resource } from "../../shared/cloudformation/resource.ts";

/** Types that carry tags as a list of `{ Key, Value }`. */
const TAGGED: ReadonlySet<string> = new Set([
  "AWS::CloudFront::Distribution",
  "AWS::CloudFormation::Stack",
  "AWS::CloudWatch::Alarm",
  "AWS::DynamoDB::Table",
  "AWS::Events::Rule",
  "AWS::IAM::Role",
  "AWS::KMS::Key",
  "AWS::Kinesis::Stream",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Lambda::Function",
  "AWS::Logs::LogGroup",
  "AWS::S3::Bucket",
  "AWS::SNS::Topic",
  "AWS::SQS::Queue",
]);

/** A resource with these tags, where its type can carry any. */
export function withTags(resource: Resource, tags: Readonly<Record<string, string>>): Resource {
  const wanted = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  if (wanted.length === 0 || !TAGGED.has(String(resource.Type))) return resource;
  const properties: Resource = Object(resource.Properties);
  const own: readonly Resource[] = Array.isArray(properties.Tags) ? properties.Tags : [];
  const kept = own.filter(({ Key }) => !Object.hasOwn(tags, String(Key)));
  return { ...resource, Properties: { ...properties, Tags: [...kept, ...wanted] } };
}
