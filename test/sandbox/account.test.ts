import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeStreamSummaryCommand, KinesisClient, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { TEMPLATE_FILE } from "../../sandbox/template/template.ts";
import { functionProperties, packaged } from "./lambda/packaged.ts";

const MINUTE = 60_000;
const START = Date.parse("2030-01-01T00:00:00Z");

/** A stream with an alarm that wakes a function, and a schedule that wakes it as well. */
const TEMPLATE = {
  Resources: {
    Stream: { Type: "AWS::Kinesis::Stream", Properties: { Name: "sample", ShardCount: 1 } },
    Function: {
      Type: "AWS::Lambda::Function",
      Properties: functionProperties("woken", { Role: { "Fn::GetAtt": ["Role", "Arn"] } }),
    },
    Role: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: {} } },
    Permission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: { Ref: "Function" },
        Action: "lambda:InvokeFunction",
        Principal: "lambda.alarms.cloudwatch.amazonaws.com",
      },
    },
    Alarm: {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: "many-records",
        Namespace: "AWS/Kinesis",
        MetricName: "IncomingRecords",
        Dimensions: [{ Name: "StreamName", Value: { Ref: "Stream" } }],
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 3,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        TreatMissingData: "notBreaching",
        AlarmActions: [{ "Fn::GetAtt": ["Function", "Arn"] }],
      },
    },
    Schedule: {
      Type: "AWS::Events::Rule",
      Properties: {
        ScheduleExpression: "rate(5 minutes)",
        Targets: [{ Id: "woken", Arn: { "Fn::GetAtt": ["Function", "Arn"] } }],
      },
    },
    Unknown: { Type: "AWS::ElastiCache::CacheCluster" },
  },
  Outputs: { StreamName: { Value: { Ref: "Stream" } } },
};

let files: ReturnType<typeof packaged>;
let account: Account | undefined;

beforeEach(() => {
  files = packaged({
    "functions/woken/handler.js":
      "exports.handler = async (event) => event.source + ' ' + (event.alarmData?.state.value ?? '');",
  });
  writeFileSync(join(files.dir, TEMPLATE_FILE), JSON.stringify(TEMPLATE));
});

afterEach(async () => {
  await account?.stop();
  account = undefined;
  files.remove();
});

async function start(): Promise<Account> {
  account = await startAccount({
    packageDir: files.dir,
    speed: 0,
    start: START,
    log: (line) => expect.unreachable(line),
  });
  return account;
}

/** What the function was woken by, in order. */
function wokenBy({ lambda }: Account): unknown[] {
  return lambda.invocations().map(({ result }) => (result.ok ? JSON.parse(result.payload) : result.error));
}

describe("an account", () => {
  it("has what the template declares, and says what it has not", async () => {
    const { resources, outputs, notSimulated } = await start();
    expect(resources.map(({ logicalId }) => logicalId).toSorted()).toEqual([
      "Alarm",
      "Function",
      "Permission",
      "Role",
      "Schedule",
      "Stream",
    ]);
    expect(outputs).toEqual({ StreamName: "sample" });
    expect(notSimulated).toContain(
      "Unknown: the sandbox does not know AWS::ElastiCache::CacheCluster, so there is none.",
    );
  });

  it("wakes a function by its alarm when traffic rises, once", async () => {
    const running = await start();
    const client = new KinesisClient({
      endpoint: running.url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      requestHandler: new NodeHttpHandler(),
    });
    const put = new PutRecordCommand({ StreamName: "sample", PartitionKey: "k", Data: Buffer.from("x") });
    for (let i = 0; i < 3; i += 1) await client.send(put);
    // The records' minute, up to two minutes until its metric is published, and the evaluation after that.
    await running.clock.advance(4 * MINUTE);
    client.destroy();
    expect(wokenBy(running)).toEqual(["aws.cloudwatch ALARM"]);
  });

  it("wakes a function by its schedule, on the sandbox's clock", async () => {
    const running = await start();
    await running.clock.advance(15 * MINUTE);
    expect(wokenBy(running)).toEqual(Array(3).fill("aws.events "));
  });

  it("answers to a client with nothing but the endpoint's URL", async () => {
    const { url } = await start();
    const client = new KinesisClient({
      endpoint: url,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      requestHandler: new NodeHttpHandler(),
    });
    const { StreamDescriptionSummary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName: "sample" }),
    );
    client.destroy();
    expect(StreamDescriptionSummary).toMatchObject({ StreamStatus: "ACTIVE", OpenShardCount: 1 });
  });
});

describe("an event-source mapping", () => {
  const read = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"];

  /** Starts an account whose function reads a stream, by a role that allows these actions. */
  async function startWith(stream: object, actions: readonly string[]): Promise<Account> {
    const Statement = [{ Effect: "Allow", Action: actions.map((one) => `kinesis:${one}`), Resource: "*" }];
    const Role = {
      Type: "AWS::IAM::Role",
      Properties: { Policies: [{ PolicyName: "p", PolicyDocument: { Statement } }] },
    };
    const Mapping = {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        EventSourceArn: stream,
        FunctionName: { Ref: "Function" },
        StartingPosition: "LATEST",
      },
    };
    const Resources = { ...TEMPLATE.Resources, Role, Mapping };
    writeFileSync(join(files.dir, TEMPLATE_FILE), JSON.stringify({ ...TEMPLATE, Resources }));
    return start();
  }

  const arn = { "Fn::GetAtt": ["Stream", "Arn"] };

  it("reads a stream that the function's role may read", async () => {
    const { resources } = await startWith(arn, read);
    expect(resources.map(({ logicalId }) => logicalId)).toContain("Mapping");
  });

  it("cannot be created where the role may not read it", async () => {
    const withoutRecords = read.filter((one) => one !== "GetRecords");
    await expect(startWith(arn, withoutRecords)).rejects.toThrow(
      "Please ensure the role can perform the GetRecords",
    );
  });
});

describe("a second region", () => {
  const ask = (running: Account, region: string) => ({
    endpoint: running.url,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    requestHandler: new NodeHttpHandler(),
  });

  /** The same stack in both regions, whose function says where it runs. */
  async function startInTwo(roleName?: string): Promise<Account> {
    const Role = { ...TEMPLATE.Resources.Role, Properties: roleName ? { RoleName: roleName } : {} };
    const where = {
      ...TEMPLATE.Resources.Function,
      Properties: { ...TEMPLATE.Resources.Function.Properties, Handler: "functions/where/handler.handler" },
    };
    files.remove();
    files = packaged({
      "functions/where/handler.js": "exports.handler = async () => process.env.AWS_REGION;",
    });
    const Resources = { ...TEMPLATE.Resources, Role, Function: where };
    writeFileSync(join(files.dir, TEMPLATE_FILE), JSON.stringify({ ...TEMPLATE, Resources }));
    const running = await start();
    await running.deploy("eu-west-1", files.dir);
    return running;
  }

  it("has functions and streams of its own, of the same names", async () => {
    const running = await startInTwo();
    const answers = await Promise.all(
      ["us-east-1", "eu-west-1"].map(async (region) => {
        const lambda = new LambdaClient(ask(running, region));
        const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "woken" }));
        lambda.destroy();
        return JSON.parse(Payload?.transformToString() ?? "");
      }),
    );
    expect(answers).toEqual(["us-east-1", "eu-west-1"]);
    const kinesis = new KinesisClient(ask(running, "eu-west-1"));
    const put = new PutRecordCommand({ StreamName: "sample", PartitionKey: "k", Data: Buffer.from("x") });
    for (let i = 0; i < 3; i += 1) await kinesis.send(put);
    kinesis.destroy();
    await running.clock.advance(4 * MINUTE);
    const { lambda, cloudwatch } = await running.region("eu-west-1");
    expect(cloudwatch.alarms.get("many-records").state.value).toBe("ALARM");
    expect(running.cloudwatch.alarms.get("many-records").state.value).toBe("OK");
    expect(lambda.configurations().map(({ arn }) => arn)).toEqual([
      "arn:aws:lambda:eu-west-1:000000000000:function:woken",
    ]);
  });

  it("shares the names of roles and buckets with the first", async () => {
    await expect(startInTwo("the-role")).rejects.toThrow(
      "Resource of type 'AWS::IAM::Role' with identifier 'the-role' already exists.",
    );
    const s3 = new S3Client({ ...ask(account ?? expect.unreachable(), "eu-west-1"), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "the-bucket" }));
    const head = await s3.send(new HeadBucketCommand({ Bucket: "the-bucket" }));
    s3.destroy();
    expect(head.BucketRegion).toBe("eu-west-1");
  });

  it("is none by a name that is none", async () => {
    const kinesis = new KinesisClient(ask(await start(), "the-moon"));
    const asked = kinesis.send(new DescribeStreamSummaryCommand({ StreamName: "sample" }));
    await expect(asked).rejects.toThrow("Credential should be scoped to a valid region, found 'the-moon'.");
    kinesis.destroy();
  });
});

describe("an account that ends", () => {
  const { TMPDIR } = process.env;

  beforeEach(() => {
    // Of its own, since other tests have theirs in the machine's at the same time.
    process.env.TMPDIR = mkdtempSync(join(files.dir, "tmp-"));
  });

  afterEach(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });

  /** What keeps a process alive, and the sandbox's directories. */
  async function held() {
    // A handle that was closed goes at the end of this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    const kinds = process.getActiveResourcesInfo();
    return {
      handles: kinds.filter((kind) => ["TCPServerWrap", "UDPWrap", "MessagePort"].includes(kind)).toSorted(),
      directories: readdirSync(tmpdir()),
    };
  }

  async function liveOnce() {
    const running = await start();
    await running.lambda.invoke("woken", {});
    await running.stop();
  }

  it("leaves no server, timer or directory", async () => {
    // The first of a process makes the directory of what is compiled, which all of them share.
    await liveOnce();
    const before = await held();
    await liveOnce();
    expect(await held()).toEqual(before);
  });

  it("by a template that cannot be created leaves nothing either", async () => {
    const before = await held();
    const Resources = { Stream: { Type: "AWS::Kinesis::Stream", Properties: { ShardCount: "many" } } };
    writeFileSync(join(files.dir, TEMPLATE_FILE), JSON.stringify({ Resources }));
    await expect(start()).rejects.toThrow("could not create Stream (AWS::Kinesis::Stream): ShardCount");
    expect(await held()).toEqual(before);
  });
});
