import { AutoScalingClient, SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { EKSClient, UpdateNodegroupConfigCommand } from "@aws-sdk/client-eks";
import {
  KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { Calls } from "../../../sandbox/endpoint/calls.ts";
import { type Endpoint, startEndpoint } from "../../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../../sandbox/endpoint/faults.ts";
import { createAuthorise } from "../../../sandbox/iam/authorise.ts";
import { createIam } from "../../../sandbox/iam/iam.ts";
import type { Service } from "../../../sandbox/service.ts";

const KEY = "ASIAFUNCTION";
const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
const CUSTOMER_KEY = "arn:aws:kms:us-east-1:000000000000:key/streams";
const SERVICES = "kinesis dynamodb sns sqs monitoring ec2 autoscaling lambda eks s3 secretsmanager ssm".split(
  " ",
);

/** Says nothing but that it was reached. */
const reached: Service = {
  signingNames: SERVICES,
  handle: async () => ({
    status: 418,
    headers: { "x-amzn-errortype": "Reached" },
    body: '{"__type":"Reached"}',
  }),
};

const clock = createClock({ speed: 0 });
const iam = createIam();
let endpoint: Endpoint;

beforeAll(async () => {
  const caller = { functionName: "a", requestId: () => "1", crash: async () => {} };
  endpoint = await startEndpoint({
    services: [reached],
    clock,
    faults: new Faults(),
    calls: new Calls(),
    callers: new Map([[KEY, caller]]),
    authorise: createAuthorise({
      iam,
      keyOf: (arn) => (arn === STREAM ? CUSTOMER_KEY : undefined),
      functions: () => [
        {
          name: "a",
          arn: "arn:aws:lambda:us-east-1:000000000000:function:a",
          role: "arn:aws:iam::000000000000:role/role-of-a",
        },
      ],
      tagsOf: (arn): Record<string, string> =>
        arn.endsWith("i-mine") ? { "aws:ec2spot:fleet-request-id": "sfr-1" } : {},
    }),
    port: 0,
    log: () => {},
  });
});

afterAll(async () => {
  await endpoint.stop();
  clock.stop();
});

/** Gives the function's role these statements and no other. */
async function allow(...Statement: readonly object[]): Promise<void> {
  const Policies = [{ PolicyName: "p", PolicyDocument: { Statement } }];
  await iam.resources["AWS::IAM::Role"]?.("Role", { RoleName: "role-of-a", Policies });
}

const may = (Action: string, Resource: string | readonly string[] = "*", more: object = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});

beforeEach(() => allow());

function options(accessKeyId = KEY) {
  return {
    endpoint: endpoint.url,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "sandbox" },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  };
}

const outcome = (call: Promise<unknown>): Promise<{ name: string; message: string }> =>
  call.then(
    () => ({ name: "done", message: "" }),
    ({ name, message }: Error) => ({ name, message }),
  );

const reshard = (accessKeyId?: string) =>
  new KinesisClient(options(accessKeyId)).send(
    new UpdateShardCountCommand({
      StreamName: "orders",
      TargetShardCount: 2,
      ScalingType: "UNIFORM_SCALING",
    }),
  );

describe("a call that the function's role does not allow", () => {
  it.each([
    ["kinesis", "AccessDeniedException", () => reshard()],
    [
      "dynamodb",
      "AccessDeniedException",
      () => new DynamoDBClient(options()).send(new QueryCommand({ TableName: "t" })),
    ],
    [
      "sns",
      "AuthorizationErrorException",
      () =>
        new SNSClient(options()).send(
          new PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:000000000000:t", Message: "m" }),
        ),
    ],
    [
      "sqs",
      "AccessDenied",
      () =>
        new SQSClient(options()).send(
          new SendMessageCommand({ QueueUrl: `${endpoint.url}/000000000000/q`, MessageBody: "m" }),
        ),
    ],
    [
      "monitoring",
      "AccessDenied",
      () =>
        new CloudWatchClient(options()).send(
          new GetMetricDataCommand({ MetricDataQueries: [], StartTime: new Date(0), EndTime: new Date(1) }),
        ),
    ],
    [
      "ec2",
      "UnauthorizedOperation",
      () => new EC2Client(options()).send(new TerminateInstancesCommand({ InstanceIds: ["i-1"] })),
    ],
    [
      "autoscaling",
      "AccessDenied",
      () =>
        new AutoScalingClient(options()).send(
          new SetDesiredCapacityCommand({ AutoScalingGroupName: "g", DesiredCapacity: 1 }),
        ),
    ],
    [
      "lambda",
      "AccessDeniedException",
      () => new LambdaClient(options()).send(new InvokeCommand({ FunctionName: "b" })),
    ],
    [
      "eks",
      "AccessDeniedException",
      () =>
        new EKSClient(options()).send(
          new UpdateNodegroupConfigCommand({ clusterName: "c", nodegroupName: "n" }),
        ),
    ],
    [
      "s3",
      "AccessDenied",
      () =>
        new S3Client({ ...options(), forcePathStyle: true }).send(
          new PutObjectCommand({ Bucket: "b", Key: "k", Body: "x" }),
        ),
    ],
    [
      "secretsmanager",
      "AccessDeniedException",
      () => new SecretsManagerClient(options()).send(new GetSecretValueCommand({ SecretId: "s" })),
    ],
    [
      "ssm",
      "AccessDeniedException",
      () => new SSMClient(options()).send(new GetParametersCommand({ Names: ["/p"] })),
    ],
  ])("is refused as %s refuses it: %s", async (_, name, call) => {
    expect((await outcome(call())).name).toBe(name);
  });

  it("is refused with who asked, for what and on what", async () => {
    expect((await outcome(reshard())).message).toBe(
      `User: arn:aws:sts::000000000000:assumed-role/role-of-a/a is not authorized to perform: kinesis:UpdateShardCount on resource: ${STREAM} because no identity-based policy allows the kinesis:UpdateShardCount action`,
    );
  });

  it("never reaches the service; one that is allowed does", async () => {
    await allow(may("kinesis:UpdateShardCount", STREAM));
    expect((await outcome(reshard())).name).toBe("Reached");
  });

  it("is none of a client's outside: it is not asked for a role", async () => {
    expect((await outcome(reshard("somebody"))).name).toBe("Reached");
  });
});

describe("what a role allows", () => {
  const list = () => new KinesisClient(options()).send(new ListStreamsCommand({}));
  const terminate = (id: string) =>
    new EC2Client(options()).send(new TerminateInstancesCommand({ InstanceIds: [id] }));

  it("does not go for an action without a resource level, where it names resources", async () => {
    await allow(may("kinesis:*", "arn:aws:kinesis:us-east-1:000000000000:stream/*"));
    expect((await outcome(list())).name).toBe("AccessDeniedException");
    await allow(may("kinesis:ListStreams"));
    expect((await outcome(list())).name).toBe("Reached");
  });

  it("is bound by a condition on the resource's tags", async () => {
    const fleet = { StringEquals: { "aws:ResourceTag/aws:ec2spot:fleet-request-id": ["sfr-1"] } };
    await allow(may("ec2:TerminateInstances", "*", { Condition: fleet }));
    expect((await outcome(terminate("i-other"))).name).toBe("UnauthorizedOperation");
    expect((await outcome(terminate("i-mine"))).name).not.toBe("UnauthorizedOperation");
  });

  it("is what its managed policies say, and its boundary lets through", async () => {
    const create = iam.resources;
    const document = (...Statement: readonly object[]) => ({ PolicyDocument: { Statement } });
    const all = await create["AWS::IAM::ManagedPolicy"]?.("All", {
      ManagedPolicyName: "all",
      ...document(may("kinesis:*", STREAM)),
    });
    const boundary = await create["AWS::IAM::ManagedPolicy"]?.("Boundary", {
      ManagedPolicyName: "boundary",
      ...document(may("kinesis:List*")),
    });
    await create["AWS::IAM::Role"]?.("Role", { RoleName: "role-of-a", ManagedPolicyArns: [all?.ref] });
    expect((await outcome(reshard())).name).toBe("Reached");
    await create["AWS::IAM::Role"]?.("Role", {
      RoleName: "role-of-a",
      ManagedPolicyArns: [all?.ref],
      PermissionsBoundary: boundary?.ref,
    });
    expect((await outcome(reshard())).name).toBe("AccessDeniedException");
  });
});

describe("what is encrypted with a customer's key", () => {
  const put = () =>
    new KinesisClient(options()).send(
      new PutRecordCommand({ StreamName: "orders", PartitionKey: "k", Data: Buffer.from("x") }),
    );

  it("needs the key too: to write it, GenerateDataKey", async () => {
    await allow(may("kinesis:*", STREAM));
    expect(await outcome(put())).toEqual({
      name: "KMSAccessDeniedException",
      message: `User: arn:aws:sts::000000000000:assumed-role/role-of-a/a is not authorized to perform: kms:GenerateDataKey on resource: ${CUSTOMER_KEY} because no identity-based policy allows the kms:GenerateDataKey action`,
    });
    await allow(may("kinesis:*", STREAM), may("kms:Decrypt", CUSTOMER_KEY));
    expect((await outcome(put())).name).toBe("KMSAccessDeniedException");
    await allow(may("kinesis:*", STREAM), may("kms:GenerateDataKey", CUSTOMER_KEY));
    expect((await outcome(put())).name).toBe("Reached");
  });

  it("is described and resharded without the key", async () => {
    await allow(may("kinesis:*", STREAM));
    expect((await outcome(reshard())).name).toBe("Reached");
  });
});
