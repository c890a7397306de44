import { ACCOUNT_ID, type AwsRequest } from "../service.ts";
import { decodeCbor } from "../wire/cbor.ts";
import { decodeJson } from "../wire/json.ts";
import { decodeQuery } from "../wire/query.ts";

/**
 * The ARNs of what a call is on, as IAM names them; none where the request does not say, or where the action has
 * no resource level.
 *
 * @param service the signing name
 */
export function resourcesOf(service: string, request: AwsRequest): readonly string[] {
  try {
    return RESOURCES[service]?.(request, arnIn(request.region)) ?? [];
  } catch {
    // A body that cannot be read: the service says so.
    return [];
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The ARN of something in the request's region. */
type ToArn = (service: string, resource: string) => string;

const RESOURCES: Readonly<Record<string, (request: AwsRequest, arn: ToArn) => string[]>> = {
  kinesis: (request, arn) =>
    named(inputOf(request), "StreamARN", "StreamName", (name) => arn("kinesis", `stream/${name}`)),
  dynamodb(request, arn) {
    const { TableName, IndexName, RequestItems, Statements } = inputOf(request);
    const inStatements = [Statements ?? []].flat().map((one) => tableOfStatement(fields(one).Statement));
    const named = [...Object.keys(fields(RequestItems)), ...inStatements];
    const tables = typeof TableName === "string" ? [TableName] : [...new Set(named)];
    const index = typeof IndexName === "string" ? `/index/${IndexName}` : "";
    return tables.map(
      (table) => `${table.startsWith("arn:") ? table : arn("dynamodb", `table/${table}`)}${index}`,
    );
  },
  sts: (request) => named(inputOf(request), "RoleArn", "RoleArn", (role) => role),
  sns: (request) => named(inputOf(request), "TopicArn", "TargetArn", (target) => target),
  sqs(request, arn) {
    const queue = String(inputOf(request).QueueUrl ?? "")
      .split("/")
      .at(-1);
    return queue ? [arn("sqs", queue)] : [];
  },
  s3({ path }) {
    const [, bucket = "", ...key] = path.split("/").map(decodeURIComponent);
    if (bucket === "") return [];
    return [`arn:aws:s3:::${[bucket, ...key].filter((part) => part !== "").join("/")}`];
  },
  lambda({ path }, arn) {
    const name = /\/functions\/([^/]+)/.exec(path)?.[1];
    if (name === undefined) return [];
    const given = decodeURIComponent(name);
    return [given.startsWith("arn:") ? given : arn("lambda", `function:${given}`)];
  },
  eks({ path }, arn) {
    const [, cluster, group] = /\/clusters\/([^/]+)(?:\/node-groups\/([^/]+))?/.exec(path) ?? [];
    if (cluster === undefined) return [];
    // The ARN of a node group ends with an id that no request has.
    return [arn("eks", group === undefined ? `cluster/${cluster}` : `nodegroup/${cluster}/${group}/id`)];
  },
  autoscaling: (request, arn) =>
    named(inputOf(request), "AutoScalingGroupARN", "AutoScalingGroupName", (name) =>
      arn("autoscaling", `autoScalingGroup:id:autoScalingGroupName/${name}`),
    ),
  ec2(request, arn) {
    const { InstanceId, SpotFleetRequestId } = inputOf(request);
    return [
      ...texts(InstanceId).map((id) => arn("ec2", `instance/${id}`)),
      ...texts(SpotFleetRequestId).map((id) => arn("ec2", `spot-fleet-request/${id}`)),
    ];
  },
  monitoring(request, arn) {
    const { AlarmNamePrefix } = inputOf(request);
    return operationIs(request, "DescribeAlarms")
      ? [arn("cloudwatch", `alarm:${AlarmNamePrefix ?? ""}*`)]
      : [];
  },
  secretsmanager: (request, arn) =>
    named(inputOf(request), "SecretArn", "SecretId", (id) =>
      // Secrets Manager adds six characters of its own to a name.
      id.startsWith("arn:") ? id : arn("secretsmanager", `secret:${id}-xxxxxx`),
    ),
  ssm(request, arn) {
    const { Names, Name } = inputOf(request);
    const names = [Names ?? Name ?? []].flat().map(String);
    return names.map((name) =>
      name.startsWith("arn:") ? name : arn("ssm", `parameter/${name.replace(/^\//, "")}`),
    );
  },
};

/** Of a write in PartiQL, the first name in double quotes. */
function tableOfStatement(statement: unknown): string {
  return /"([^"]+)"/.exec(String(statement))?.[1] ?? "";
}

const arnIn =
  (region: string): ToArn =>
  (service, resource) =>
    `arn:aws:${service}:${region}:${ACCOUNT_ID}:${resource}`;

/** By its ARN where that is given, and else by its name. */
function named(input: Fields, arnKey: string, nameKey: string, toArn: (name: string) => string): string[] {
  const given = input[arnKey] ?? input[nameKey];
  if (typeof given !== "string") return [];
  return [given.startsWith("arn:") ? given : toArn(given)];
}

/** A list as AWS Query numbers it, `{ "1": "i-a", "2": "i-b" }`, or one text. */
function texts(value: unknown): string[] {
  if (value === undefined) return [];
  return typeof value === "object" && value !== null ? Object.values(value).map(String) : [String(value)];
}

function operationIs({ headers, path }: AwsRequest, operation: string): boolean {
  return headers["x-amz-target"]?.endsWith(`.${operation}`) ?? path.endsWith(`/operation/${operation}`);
}

function inputOf({ headers, body }: AwsRequest): Fields {
  const type = headers["content-type"] ?? "";
  if (type.includes("cbor")) return fields(decodeCbor(body));
  if (type.includes("x-www-form-urlencoded"))
    return fields(decodeQuery(new URLSearchParams(body.toString())));
  return fields(decodeJson(body));
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
