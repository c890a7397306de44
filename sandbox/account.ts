import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ACCEPTED } from "./accepted.ts";
import { type AutoScaling, createAutoScaling } from "./autoscaling/autoscaling.ts";
import { createClock, type SandboxClock } from "./clock/clock.ts";
import { type CloudFormation, createCloudFormation } from "./cloudformation/cloudformation.ts";
import { parseTemplateText } from "./cloudformation/source.ts";
import { createCloudFront } from "./cloudfront/cloudfront.ts";
import { type CloudWatch, createCloudWatch } from "./cloudwatch/cloudwatch.ts";
import type { MetricDelay } from "./cloudwatch/metrics/publication.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { startDynamoDb } from "./dynamodb/service.ts";
import { putTableThrottles } from "./dynamodb/throttle-metrics.ts";
import { createEc2, type Ec2 } from "./ec2/ec2.ts";
import { Machines } from "./ec2/machines.ts";
import { createEcr } from "./ecr.ts";
import { Clusters } from "./eks/clusters.ts";
import { createEks, type Eks } from "./eks/eks.ts";
import { NodeGroups } from "./eks/node-groups.ts";
import { drainManagedNodes } from "./eks/own-drain.ts";
import { type Callers, Calls } from "./endpoint/calls.ts";
import { type AnswerUnsigned, type Endpoint, startEndpoint } from "./endpoint/endpoint.ts";
import { Faults } from "./endpoint/faults.ts";
import { createRates } from "./endpoint/rates.ts";
import { createEventSourceMappings } from "./event-source-mapping/service.ts";
import { createEvents, type Events } from "./events/events.ts";
import { createAuthorise } from "./iam/authorise.ts";
import { EncryptedResources } from "./iam/encrypted-resources.ts";
import type { RoleAllows } from "./iam/execution-role.ts";
import { createIam, type Iam } from "./iam/iam.ts";
import { createSts } from "./iam/sts.ts";
import { startKinesis } from "./kinesis/service.ts";
import type { WriteLimit } from "./kinesis/write-limit.ts";
import { packagesIn, type ReadCode } from "./lambda/artefacts.ts";
import type { Invocation } from "./lambda/function.ts";
import { createLambda, type Lambda } from "./lambda/service.ts";
import type { Buckets } from "./s3/buckets.ts";
import { createS3, type S3 } from "./s3/s3.ts";
import { createSecretsManager, type SecretsManager } from "./secrets-manager/secrets-manager.ts";
import type { ResourceType, Service } from "./service.ts";
import { createSns, type Sns } from "./sns/sns.ts";
import { publishDepths } from "./sqs/depth-metrics.ts";
import { createSqs, type Sqs } from "./sqs/sqs.ts";
import { createSsm, type Ssm } from "./ssm/ssm.ts";
import type { Provisioned } from "./template/provision.ts";
import { type FunctionEnvironments, withRolesOfConfigs } from "./template/roles-of-config.ts";
import { TEMPLATE_FILE } from "./template/template.ts";
import { startXray, type Xray } from "./xray/xray.ts";

export interface AccountOptions {
  /**
   * What `serverless package` wrote: the template and the functions' packages. The account starts as if that were
   * deployed to stage dev, and empty without it.
   */
  readonly packageDir?: string;
  /** Sandbox seconds a real second; 0 stands still and is moved by `clock.advance`. */
  readonly speed: number;
  /** The clock's start, ms since the epoch; the real time when absent. */
  readonly start?: number;
  /** Of 127.0.0.1; a free one when absent. */
  readonly port?: number;
  /** How long a reshard keeps a stream UPDATING, ms on the sandbox's clock; 30 s when absent. */
  readonly updatingMs?: number;
  /** Throttles writes to Kinesis by shard; not at all when absent. */
  readonly writeLimit?: WriteLimit;
  /** How late AWS's own metrics come; 60 to 120 s after their minute when absent. */
  readonly metricDelay?: MetricDelay;
  /** Real milliseconds each call takes at least; 0 when absent. */
  readonly latencyMs?: number;
  /** Variables over those of the template. With another `REFLEX_CONFIG` a function gets the role of that config. */
  readonly environment?: FunctionEnvironments;
  /** What goes wrong inside the sandbox. */
  readonly log: (line: string) => void;
  /** Each line a function writes. */
  readonly onLine?: (functionName: string, line: string) => void;
  readonly onInvocation?: (invocation: Invocation) => void;
}

/** An AWS account on this machine; `resources`, `outputs` and `notSimulated` are as it started. */
export interface Account extends Provisioned {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  readonly clock: SandboxClock;
  readonly kinesis: Service;
  readonly dynamodb: Service;
  readonly cloudformation: CloudFormation;
  readonly cloudwatch: CloudWatch;
  readonly sns: Sns;
  readonly sqs: Sqs;
  readonly ssm: Ssm;
  readonly secretsManager: SecretsManager;
  readonly s3: S3;
  readonly events: Events;
  readonly xray: Xray;
  /** EC2 instances: nodes come and go with them. */
  readonly machines: Machines;
  readonly autoScaling: AutoScaling;
  readonly ec2: Ec2;
  readonly eks: Eks;
  readonly lambda: Lambda;
  readonly iam: Iam;
  readonly deliveries: Deliveries;
  readonly faults: Faults;
  readonly calls: Calls;
  /** Gives the functions the roles of their configs again, where one was written or changed after the start. */
  applyConfigs(): Promise<void>;
  /** Has `answer` answer what comes to `url` unsigned: the sandbox's page. */
  onUnsigned(answer: AnswerUnsigned): void;
  /** Leaves no thread, socket, timer or file behind. */
  stop(): Promise<void>;
}

const UPDATING_MS = 30_000;

/** As `serverless deploy --stage dev` names it: a deploy to the sandbox then updates what is there. */
const STACK_NAME = "reflex-dev";

const NOTHING: Provisioned = { resources: [], outputs: {}, notSimulated: [] };

/** Starts an account and creates the template's resources in it. */
export async function startAccount(options: AccountOptions): Promise<Account> {
  const { log, packageDir } = options;
  const template = packageDir === undefined ? undefined : await templateIn(packageDir, options.environment);
  const clock = createClock({
    speed: options.speed,
    ...(options.start !== undefined && { start: options.start }),
    onError: (error) => log(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  const calls = new Calls();
  const faults = new Faults();
  const callers: Callers = new Map();
  const deliveries = createDeliveries();
  const iam = createIam();
  const encrypted = new EncryptedResources();
  const roleAllows: RoleAllows = (role, action, resource) =>
    iam.hasRole(role) ? iam.allows(role, { action, ...(resource && { resources: [resource] }) }) : undefined;
  const services: Service[] = [];
  let endpoint: Endpoint | undefined;
  let mappings: Service | undefined;
  let answerUnsigned: AnswerUnsigned | undefined;

  let stopped: Promise<void> | undefined;
  const stop = () => {
    // Mappings read through the endpoint: they end before it.
    stopped ??= Promise.resolve(mappings?.stop?.()).then(() => stopAll(clock, endpoint, services));
    return stopped;
  };
  try {
    const cloudwatch = createCloudWatch({
      clock,
      deliveries,
      ...(options.metricDelay && { metricDelay: options.metricDelay }),
    });
    const sqs = createSqs({ clock, endpointUrl: () => endpoint?.url ?? "" });
    publishDepths(sqs, cloudwatch.metrics, clock);
    const s3 = createS3({ clock, toQueue: sqs.send });
    const ssm = createSsm();
    const secretsManager = createSecretsManager();
    const cloudfront = createCloudFront({ buckets: s3.buckets, endpointUrl: () => endpoint?.url ?? "" });
    services.push(cloudwatch, sqs, s3, ssm, secretsManager, cloudfront, createSts(), createEcr());
    const xray = await startXray({ clock, log });
    services.push(xray);
    const lambda = createLambda({
      ...options,
      clock,
      callers,
      deliveries,
      readCode: codeIn(s3.buckets, packageDir),
      toQueue: sqs.send,
      metrics: cloudwatch.metrics,
      roleAllows,
      endpointUrl: () => endpoint?.url ?? "",
      daemonAddress: () => xray.daemonAddress,
    });
    services.push(lambda);
    const startingKinesis = startKinesis({
      clock,
      faults,
      log,
      metrics: cloudwatch.metrics,
      updatingMs: options.updatingMs ?? UPDATING_MS,
      ...(options.writeLimit && { writeLimit: options.writeLimit }),
    });
    const [kinesis, dynamodb] = await Promise.all([startingKinesis, startDynamoDb()]);
    services.push(kinesis, dynamodb);
    const machines = new Machines(clock, deliveries);
    const autoScaling = createAutoScaling({ clock, machines, deliveries });
    const ec2 = createEc2(clock, machines);
    const clusters = new Clusters({
      clock,
      machines,
      callers,
      calls,
      faults,
      ...(options.latencyMs !== undefined && { latencyMs: options.latencyMs }),
    });
    const nodeGroups = new NodeGroups(clock, autoScaling.groups);
    const eks = createEks(clock, clusters, nodeGroups);
    drainManagedNodes(
      clock,
      autoScaling.groups,
      nodeGroups,
      (name) => clusters.all().find((each) => each.name === name)?.cluster,
    );
    services.push(autoScaling, ec2, eks);
    const sns = createSns({
      clock,
      deliveries,
      metrics: cloudwatch.metrics,
      endpointUrl: () => endpoint?.url ?? "",
    });
    const events = createEvents({ clock, deliveries });
    const cloudformation = createCloudFormation({
      clock,
      log,
      buckets: s3.buckets,
      types: () => encrypted.noting(resourceTypes(services, iam)),
    });
    mappings = createEventSourceMappings({
      clock,
      endpointUrl: () => endpoint?.url ?? "",
      invoke: lambda.invoke,
      metrics: cloudwatch.metrics,
      roleOf: (name) =>
        lambda.configurations().find((one) => one.arn === name || one.name === name)?.role ?? "",
      roleAllows,
      toQueue: sqs.send,
      toBucket: (bucket, key, body) => s3.buckets.put(bucket, key, body),
      deliveries,
      log,
    });
    services.push(sns, events, mappings, cloudformation);
    deliveries.connect({ toFunction: lambda.send, toTopic: sns.publish, toBus: events.put });
    endpoint = await startEndpoint({
      services,
      clock,
      faults,
      calls,
      callers,
      authorise: createAuthorise({
        iam,
        functions: lambda.configurations,
        keyOf: (arn) => encrypted.keyOf(arn),
        tagsOf: (arn) => machines.find(arn.split("/").at(-1) ?? "")?.tags ?? {},
      }),
      takeToken: createRates(clock),
      onThrottled: (call) => putTableThrottles(call, cloudwatch.metrics),
      port: options.port ?? 0,
      unsigned: async (request) => cloudfront.serve(request) ?? answerUnsigned?.(request),
      ...(options.latencyMs !== undefined && { latencyMs: options.latencyMs }),
      log,
    });
    const provisioned = template ? await cloudformation.stacks.create(STACK_NAME, template) : NOTHING;
    return {
      ...provisioned,
      url: endpoint.url,
      clock,
      kinesis,
      dynamodb,
      cloudformation,
      cloudwatch,
      sns,
      sqs,
      s3,
      ssm,
      secretsManager,
      events,
      machines,
      autoScaling,
      ec2,
      eks,
      xray,
      lambda,
      iam,
      deliveries,
      faults,
      calls,
      applyConfigs: async () => {
        if (packageDir === undefined) return;
        await cloudformation.stacks.update(STACK_NAME, await templateIn(packageDir, options.environment));
      },
      onUnsigned: (answer) => {
        answerUnsigned = answer;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function stopAll(
  clock: SandboxClock,
  endpoint: Endpoint | undefined,
  services: readonly Service[],
): Promise<void> {
  clock.stop();
  await endpoint?.stop();
  await Promise.all(services.map((service) => service.stop?.()));
}

async function templateIn(packageDir: string, environment: FunctionEnvironments = {}) {
  const file = join(packageDir, TEMPLATE_FILE);
  const { text, template } = parseTemplateText(readFileSync(file, "utf8"), file);
  return { text, template: await withRolesOfConfigs(template, environment) };
}

/** What was uploaded, and else what was packaged. */
function codeIn(buckets: Buckets, packageDir: string | undefined): ReadCode {
  const packaged = packageDir === undefined ? undefined : packagesIn(packageDir);
  return (location) => {
    const { bucket, key } = location;
    const uploaded = buckets.object(bucket, key);
    if (uploaded) return uploaded.body;
    if (packaged) return packaged(location);
    throw new Error(`Error occurred while GetObject. S3 Error Code: NoSuchKey (${bucket}/${key}).`);
  };
}

function resourceTypes(services: readonly Service[], iam: Iam): Record<string, ResourceType> {
  return Object.assign({}, ACCEPTED, iam.resources, ...services.map((service) => service.resources));
}
