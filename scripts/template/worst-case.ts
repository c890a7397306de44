import type { Resource } from "../../shared/cloudformation/resource.ts";

/** The longest values AWS has for what is only known at the deploy: a limit that holds with them holds anywhere. */
const LONGEST: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws-us-gov",
  "AWS::Region": "ap-southeast-2",
  "AWS::AccountId": "123456789012",
  "AWS::URLSuffix": "amazonaws.com.cn",
};

/** The property that has a resource's name, by type, and how its ARN ends. */
const ARNS: Readonly<Record<string, readonly [property: string, service: string, prefix: string]>> = {
  "AWS::DynamoDB::Table": ["TableName", "dynamodb", "table/"],
  "AWS::SQS::Queue": ["QueueName", "sqs", ""],
  "AWS::SNS::Topic": ["TopicName", "sns", ""],
  "AWS::S3::Bucket": ["BucketName", "s3", ""],
  "AWS::Kinesis::Stream": ["Name", "kinesis", "stream/"],
  "AWS::Lambda::Function": ["FunctionName", "lambda", "function:"],
};

type Resources = Readonly<Record<string, Resource>>;

/** A value of a template with its references replaced by what they are at most as long as. */
export function worstCase(value: unknown, resources: Resources): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => worstCase(one, resources));
  const [key, ...others] = Object.keys(value);
  const inner: unknown = Reflect.get(value, key ?? "");
  if (others.length === 0) {
    if (key === "Ref") return LONGEST[String(inner)] ?? arnOf(String(inner), resources);
    if (key === "Fn::GetAtt" && Array.isArray(inner)) return arnOf(String(inner[0]), resources);
    if (key === "Fn::Sub" && typeof inner === "string") return substituted(inner, resources);
    if (key === "Fn::Join" && Array.isArray(inner)) {
      return [worstCase(inner[1], resources)].flat().map(String).join(String(inner[0]));
    }
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, worstCase(one, resources)]));
}

const substituted = (text: string, resources: Resources): string =>
  text.replace(
    /\$\{([^}]+)\}/g,
    (_, name: string) => LONGEST[name] ?? arnOf(name.replace(/\.[A-Za-z]+$/, ""), resources),
  );

function arnOf(logicalId: string, resources: Resources): string {
  const { Type, Properties } = resources[logicalId] ?? {};
  const [property, service, prefix] = ARNS[String(Type)] ?? ["", "service", ""];
  const name = worstCase(Reflect.get(Object(Properties), property), resources) ?? logicalId;
  return `arn:${LONGEST["AWS::Partition"]}:${service}:${LONGEST["AWS::Region"]}:${LONGEST["AWS::AccountId"]}:${prefix}${String(name)}`;
}

/** Characters of a policy document as IAM counts them: without white space. */
export const policySize = (document: unknown, resources: Resources): number =>
  JSON.stringify(worstCase(document, resources)).replace(/\s/g, "").length;
