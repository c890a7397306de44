import { join } from "node:path";
import { ACCEPTED } from "./accepted.ts";
import { type AutoScaling, createAutoScaling } from "./autoscaling/autoscaling.ts";
import { type Callers, Calls } from "./calls.ts";
import { createClock, type SandboxClock } from "./clock.ts";
import { type CloudWatch, createCloudWatch } from "./cloudwatch/cloudwatch.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { startDynamoDb } from "./dynamodb/service.ts";
import { createEc2, type Ec2 } from "./ec2/ec2.ts";
import { Machines } from "./ec2/machines.ts";
import { Clusters } from "./eks/clusters.ts";
import { createEks, type Eks } from "./eks/eks.ts";
import { NodeGroups } from "./eks/node-groups.ts";
import { type Endpoint, startEndpoint } from "./endpoint.ts";
import { createEvents, type Events } from "./events/events.ts";
import { Faults } from "./faults.ts";
import { createIam, type Iam } from "./iam.ts";
import { startKinesis } from "./kinesis/service.ts";
import type { WriteLimit } from "./kinesis/write-limit.ts";
import type { Invocation } from "./lambda/function.ts";
import { createLambda, type Lambda } from "./lambda/service.ts";
import type { ResourceType, Service } from "./service.ts";
import { createSns, type Sns } from "./sns/sns.ts";
import { createSqs, type Sqs } from "./sqs/sqs.ts";
import { type Provisioned, provision } from "./template/provision.ts";
import { readTemplate, TEMPLATE_FILE } from "./template/template.ts";
import { startXray, type Xray } from "./xray/xray.ts";

export interface AccountOptions {
  /** What `serverless package` wrote: the template and the functions' packages. */
  readonly packageDir: string;
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
  /** Real milliseconds each call takes at least; 0 when absent. */
  readonly latencyMs?: number;
  /** What goes wrong inside the sandbox. */
  readonly log: (line: string) => void;
  /** Each line a function writes. */
  readonly onLine?: (functionName: string, line: string) => void;
  readonly onInvocation?: (invocation: Invocation) => void;
}

/** An AWS account on this machine, with everything the template declares in it. */
export interface Account extends Provisioned {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  readonly clock: SandboxClock;
  readonly cloudwatch: CloudWatch;
  readonly sns: Sns;
  readonly sqs: Sqs;
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
  /** Leaves no thread, socket, timer or file behind. */
  stop(): Promise<void>;
}

const UPDATING_MS = 30_000;

const STACK_NAME = "reflex-sandbox";

/** Starts an account and creates the template's resources in it. */
export async function startAccount(options: AccountOptions): Promise<Account> {
  const { log } = options;
  const template = readTemplate(join(options.packageDir, TEMPLATE_FILE));
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
  const services: Service[] = [];
  let endpoint: Endpoint | undefined;

  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopAll(clock, endpoint, services);
    return stopped;
  };
  try {
    const cloudwatch = createCloudWatch({ clock, deliveries });
    const sqs = createSqs({ clock, endpointUrl: () => endpoint?.url ?? "" });
    services.push(cloudwatch, sqs);
    const xray = await startXray({ clock, log });
    services.push(xray);
    const lambda = createLambda({
      ...options,
      clock,
      callers,
      deliveries,
      toQueue: sqs.send,
      metrics: cloudwatch.metrics,
      endpointUrl: () => endpoint?.url ?? "",
      daemonAddress: () => xray.daemonAddress,
    });
    services.push(lambda);
    const kinesis = startKinesis({
      clock,
      faults,
      log,
      metrics: cloudwatch.metrics,
      updatingMs: options.updatingMs ?? UPDATING_MS,
      ...(options.writeLimit && { writeLimit: options.writeLimit }),
    });
    services.push(...(await Promise.all([kinesis, startDynamoDb()])));
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
    const eks = createEks(clock, clusters, new NodeGroups(clock, autoScaling.groups));
    services.push(autoScaling, ec2, eks);
    const sns = createSns({ clock, deliveries, endpointUrl: () => endpoint?.url ?? "" });
    const events = createEvents({ clock, deliveries });
    services.push(sns, events);
    deliveries.connect({ toFunction: lambda.send, toTopic: sns.publish, toBus: events.put });
    endpoint = await startEndpoint({
      services,
      clock,
      faults,
      calls,
      callers,
      port: options.port ?? 0,
      ...(options.latencyMs !== undefined && { latencyMs: options.latencyMs }),
      log,
    });
    const types = resourceTypes(services, iam);
    const provisioned = await provision(template, { types, stackName: STACK_NAME });
    return {
      ...provisioned,
      url: endpoint.url,
      clock,
      cloudwatch,
      sns,
      sqs,
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

function resourceTypes(services: readonly Service[], iam: Iam): Record<string, ResourceType> {
  return Object.assign({}, ACCEPTED, iam.resources, ...services.map((service) => service.resources));
}
