import { acceptedIn } from "./accepted.ts";
import { type AutoScaling, createAutoScaling } from "./autoscaling/autoscaling.ts";
import type { SandboxClock } from "./clock/clock.ts";
import { type CloudFormation, createCloudFormation } from "./cloudformation/cloudformation.ts";
import { type CloudWatch, createCloudWatch } from "./cloudwatch/cloudwatch.ts";
import type { MetricDelay } from "./cloudwatch/metrics/publication.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { type DynamoDb, startDynamoDb } from "./dynamodb/service.ts";
import { createEc2, type Ec2 } from "./ec2/ec2.ts";
import { Machines } from "./ec2/machines.ts";
import { Network } from "./ec2/network.ts";
import { Clusters } from "./eks/clusters.ts";
import { createEks, type Eks } from "./eks/eks.ts";
import { NodeGroups } from "./eks/node-groups.ts";
import { drainManagedNodes } from "./eks/own-drain.ts";
import type { Callers, Calls } from "./endpoint/calls.ts";
import type { Faults } from "./endpoint/faults.ts";
import { internalRequest } from "./endpoint/internal-request.ts";
import {
  createEventSourceMappings,
  type EventSourceMappingOptions,
  type EventSourceMappings,
} from "./event-source-mapping/service.ts";
import { createEvents, type Events } from "./events/events.ts";
import type { EncryptedResources } from "./iam/encrypted-resources.ts";
import type { RoleAllows } from "./iam/execution-role.ts";
import type { Keys } from "./iam/keys.ts";
import type { KinesisThread } from "./kinesis/server/thread.ts";
import { type Kinesis, startKinesis } from "./kinesis/service.ts";
import type { WriteLimit } from "./kinesis/write-limit.ts";
import type { ReadCode } from "./lambda/artefacts.ts";
import type { Invocation } from "./lambda/function.ts";
import { createLambda, type Lambda } from "./lambda/service.ts";
import { createLogs } from "./logs/logs.ts";
import type { S3 } from "./s3/s3.ts";
import { createSecretsManager, type SecretsManager } from "./secrets-manager/secrets-manager.ts";
import { ACCOUNT_ID, type AwsRequest, type ResourceType, type Service } from "./service.ts";
import { createSns, type Sns } from "./sns/sns.ts";
import { publishDepths } from "./sqs/depth-metrics.ts";
import { createSqs, type Sqs } from "./sqs/sqs.ts";
import { createSsm, type Ssm } from "./ssm/ssm.ts";
import type { FunctionEnvironments } from "./template/roles-of-config.ts";
import type { TakenNames } from "./template/taken-names.ts";

/** How the services of every region behave, and who hears of what happens in them. */
export interface RegionOptions {
  /** How long a reshard keeps a stream UPDATING, ms on the sandbox's clock; 30 s when absent. */
  readonly updatingMs?: number;
  /** Throttles writes to Kinesis by shard; not at all when absent. */
  readonly writeLimit?: WriteLimit;
  /** How late AWS's own metrics come; 60 to 120 s after their minute when absent. */
  readonly metricDelay?: MetricDelay;
  /** Real milliseconds each call of a function takes at least; 0 when absent. */
  readonly latencyMs?: number;
  /** Variables over those of the template. With another `REFLEX_CONFIG` a function gets the role of that config. */
  readonly environment?: FunctionEnvironments;
  /** What goes wrong inside the sandbox. */
  readonly log: (line: string) => void;
  /** Each line a function writes. */
  readonly onLine?: (functionName: string, line: string) => void;
  readonly onInvocation?: (invocation: Invocation) => void;
}

/** What all regions of the account have in common, and what the account is started with. */
export interface RegionDependencies extends RegionOptions {
  readonly updatingMs: number;
  readonly clock: SandboxClock;
  readonly calls: Calls;
  readonly faults: Faults;
  readonly callers: Callers;
  readonly names: TakenNames;
  readonly encrypted: EncryptedResources;
  readonly keys: Keys;
  readonly roleAllows: RoleAllows;
  readonly s3: S3;
  readonly kinesisThread: KinesisThread;
  /** Services that are in no region: their CloudFormation types can be created from any. */
  readonly globalServices: readonly Pick<Service, "resources">[];
  readonly readCode: ReadCode;
  /** Of a nested stack that was packaged, by its URL; undefined where it is not among what is packaged. */
  readonly packagedTemplate: (url: string) => string | undefined;
  readonly daemonAddress: () => string;
  readonly endpointUrl: () => string;
}

/** What an account has in one region. */
export interface Region {
  /** For example `eu-west-1`. */
  readonly name: string;
  /** All of them, for the endpoint. */
  readonly services: readonly Service[];
  readonly kinesis: Service;
  readonly dynamodb: DynamoDb;
  readonly cloudformation: CloudFormation;
  readonly cloudwatch: CloudWatch;
  readonly sns: Sns;
  readonly sqs: Sqs;
  readonly ssm: Ssm;
  readonly secretsManager: SecretsManager;
  readonly events: Events;
  /** EC2 instances: nodes come and go with them. */
  readonly machines: Machines;
  readonly autoScaling: AutoScaling;
  readonly ec2: Ec2;
  readonly eks: Eks;
  readonly lambda: Lambda;
  readonly network: Network;
  readonly deliveries: Deliveries;
  /** Ends what reads through the endpoint, which must end before it. */
  stopReading(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts what an account has in a region, with nothing in it. */
export async function startRegion(name: string, shared: RegionDependencies): Promise<Region> {
  const { clock, log, encrypted, metricDelay } = shared;
  const deliveries = createDeliveries();
  const inRegion = { clock, deliveries, region: name };
  const cloudwatch = createCloudWatch({ ...inRegion, ...(metricDelay && { metricDelay }) });
  const { metrics } = cloudwatch;
  const { sqs, sns, events } = createMessaging(shared, { ...inRegion, metrics });
  const ssm = createSsm(name, (arn, key) => encrypted.set(arn, key));
  const secretsManager = createSecretsManager(name);
  const network = new Network();
  let mappings: EventSourceMappings | undefined;
  const answerMappings = async (request: AwsRequest) => mappings?.answer(request);
  const toOthers = { toQueue: sqs.send, answerMappings };
  const lambda = createLambda({ ...shared, ...inRegion, network, metrics, ...toOthers });
  const [kinesis, dynamodb] = await Promise.all([
    startKinesis({ ...shared, region: name, metrics, thread: shared.kinesisThread }),
    startDynamoDb(name),
  ]);
  const nodePools = createNodePoolServices(shared, { ...inRegion, network });
  mappings = createMappings(shared, { ...inRegion, metrics, sqs, lambda, kinesis });
  connect(deliveries, { lambda, sns, sqs, events });

  const ofRegion: Service[] = [
    logsOf(lambda, shared, name),
    ...[cloudwatch, sqs, ssm, secretsManager, lambda, kinesis, dynamodb],
    ...[nodePools.autoScaling, nodePools.ec2, nodePools.eks, sns, events, mappings],
  ];
  const types = () => resourceTypes(shared, { name, services: ofRegion, sqs });
  const cloudformation = createCloudFormation({
    ...{ clock, log, region: name, names: shared.names, types },
    ...{ buckets: shared.s3.buckets, packagedTemplate: shared.packagedTemplate },
  });
  const services = [...ofRegion, cloudformation];
  return {
    ...{ name, services, kinesis, dynamodb, cloudformation, cloudwatch, sns, sqs, ssm, secretsManager },
    ...{ events, lambda, network, deliveries, ...nodePools },
    stopReading: async () => mappings?.stop?.(),
    stop: async () => {
      await Promise.all(services.map((service) => service.stop?.()));
    },
  };
}

/** Queues, topics and event buses. */
function createMessaging(
  { endpointUrl }: RegionDependencies,
  parts: Pick<RegionDependencies, "clock"> &
    Pick<Region, "deliveries"> &
    Pick<CloudWatch, "metrics"> &
    InRegion,
) {
  const { clock, region, metrics } = parts;
  const sqs = createSqs({ clock, endpointUrl, region });
  publishDepths(sqs, metrics, clock);
  return { sqs, sns: createSns({ ...parts, endpointUrl }), events: createEvents(parts) };
}

interface MappingParts
  extends Pick<EventSourceMappingOptions, "clock" | "deliveries" | "region" | "metrics"> {
  readonly sqs: Sqs;
  readonly lambda: Lambda;
  readonly kinesis: Kinesis;
}

/** What reads streams and queues for functions. */
function createMappings(shared: RegionDependencies, parts: MappingParts) {
  const { sqs, lambda, kinesis } = parts;
  return createEventSourceMappings({
    ...shared,
    ...parts,
    toQueue: sqs.send,
    queue: sqs.queue,
    toBucket: (bucket, key, body) => shared.s3.buckets.put(bucket, key, body),
    invoke: lambda.invoke,
    kinesisTimes: kinesis.times,
    hasStream: (arn) => isInKinesis(kinesis, arn),
    roleOf: (nameOrArn) =>
      lambda.configurations().find((one) => one.arn === nameOrArn || one.name === nameOrArn)?.role ?? "",
  });
}

/** What CloudFormation can create in the region. */
function resourceTypes(
  { encrypted, keys, s3, globalServices }: RegionDependencies,
  { name, services, sqs }: Pick<Region, "name" | "services" | "sqs">,
): Record<string, ResourceType> {
  return encrypted.noting(
    Object.assign(
      {},
      acceptedIn(name),
      keys.resourcesIn(name),
      s3.resourcesIn(name, sqs.send),
      ...[...globalServices, ...services].map(({ resources }) => resources),
    ),
  );
}

function connect(
  deliveries: ReturnType<typeof createDeliveries>,
  { lambda, sns, sqs, events }: Pick<Region, "lambda" | "sns" | "sqs" | "events">,
): void {
  const toQueue = async (arn: string, body: string) => sqs.send(arn, body);
  deliveries.connect({ toFunction: lambda.send, toTopic: sns.publish, toQueue, toBus: events.put });
}

const logsOf = (lambda: Lambda, { clock }: Pick<RegionDependencies, "clock">, region: string): Service =>
  createLogs({
    ...{ region, clock },
    functions: () => lambda.configurations().map((one) => one.name),
    invocations: () => lambda.invocations(),
  });

/** Streams of other accounts and regions are not looked for. */
async function isInKinesis(kinesis: Service, streamArn: string): Promise<boolean> {
  const [, , , region, account, resource = ""] = streamArn.split(":");
  const StreamName = /^stream\/([^/]+)/.exec(resource)?.[1];
  if (StreamName === undefined || account !== ACCOUNT_ID) return true;
  const target = "Kinesis_20131202.DescribeStreamSummary";
  const { status } = await kinesis.handle(internalRequest(target, "kinesis", { StreamName }, region));
  return status < 400;
}

/** What node pools are made of: instances, groups, clusters. */
function createNodePoolServices(
  { callers, calls, faults, latencyMs }: RegionDependencies,
  {
    clock,
    deliveries,
    region,
    network,
  }: Pick<RegionDependencies, "clock"> & Pick<Region, "deliveries" | "network"> & InRegion,
) {
  const machines = new Machines(clock, deliveries, { region });
  const autoScaling = createAutoScaling({ clock, machines, deliveries, region });
  const clusters = new Clusters({
    ...{ clock, machines, callers, calls, faults, network },
    ...(latencyMs !== undefined && { latencyMs }),
  });
  const nodeGroups = new NodeGroups(clock, autoScaling.groups);
  drainManagedNodes(
    clock,
    autoScaling.groups,
    nodeGroups,
    (cluster) => clusters.all().find(({ name }) => name === cluster)?.cluster,
  );
  return {
    ...{ machines, autoScaling, ec2: createEc2(clock, machines) },
    eks: createEks(clock, clusters, nodeGroups, region),
  };
}

interface InRegion {
  readonly region: string;
}
