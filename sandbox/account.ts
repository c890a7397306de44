import { once } from "../shared/lambda/once.ts";
import { createClock, type SandboxClock } from "./clock/clock.ts";
import { type CloudFront, createCloudFront } from "./cloudfront/cloudfront.ts";
import type { MetricStore } from "./cloudwatch/metrics/store.ts";
import { putTableThrottles } from "./dynamodb/throttle-metrics.ts";
import { createEcr } from "./ecr.ts";
import { type Call, Calls } from "./endpoint/calls.ts";
import { type AnswerUnsigned, type Endpoint, startEndpoint } from "./endpoint/endpoint.ts";
import { Faults } from "./endpoint/faults.ts";
import { internalRequest } from "./endpoint/internal-request.ts";
import { createRates } from "./endpoint/rates.ts";
import { createAuthorise } from "./iam/authorise.ts";
import type { Iam } from "./iam/iam.ts";
import { createIdentities, type Identities } from "./iam/identities.ts";
import type { Keys } from "./iam/keys.ts";
import { createSts } from "./iam/sts.ts";
import { createKinesisThread, type KinesisThread } from "./kinesis/server/thread.ts";
import { type Region, type RegionDependencies, type RegionOptions, startRegion } from "./region.ts";
import { Regions } from "./regions.ts";
import { createS3, type S3 } from "./s3/s3.ts";
import { DEFAULT_REGION } from "./service.ts";
import { Packages, templateIn } from "./template/packages.ts";
import type { Provisioned } from "./template/provision.ts";
import { TakenNames } from "./template/taken-names.ts";
import { startXray, type Xray } from "./xray/xray.ts";

export interface AccountOptions extends RegionOptions {
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
  /** Streams that are there before anything is deployed, of one shard each. */
  readonly streams?: readonly string[];
}

/**
 * An AWS account on this machine; `resources`, `outputs` and `notSimulated` are as it started. Its services are those of
 * us-east-1, where it is deployed to; `region` has those of others.
 */
export interface Account extends Provisioned, Omit<Region, "name" | "services" | "stopReading"> {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  readonly clock: SandboxClock;
  readonly s3: S3;
  readonly xray: Xray;
  readonly iam: Iam;
  /** KMS keys: their policies and grants. */
  readonly keys: Keys;
  readonly faults: Faults;
  readonly calls: Calls;
  /** What the account has in a region; it begins with the first call to it, as this is one. */
  region(name: string): Promise<Region>;
  /** Creates in a region what was packaged, as a deploy there would. */
  deploy(region: string, packageDir: string): Promise<Provisioned>;
  /** Whoever signs with this access key may do what the policy allows, as a person in a role of it; others may do everything. */
  limit(accessKeyId: string, policy: Readonly<Record<string, unknown>>): Promise<void>;
  /** Gives the functions the roles of their configs again, where one was written or changed after the start. */
  applyConfigs(): Promise<void>;
  /** Has `answer` answer what comes to `url` unsigned: the sandbox's page. */
  onUnsigned(answer: AnswerUnsigned): void;
  /** Leaves no thread, socket, timer or file behind, but for what Node compiled of the functions: that goes with the process. */
  stop(): Promise<void>;
}

const UPDATING_MS = 30_000;

/** As `serverless deploy --stage dev` names it: a deploy to the sandbox then updates what is there. */
const STACK_NAME = "reflex-dev";

const NOTHING: Provisioned = { resources: [], outputs: {}, notSimulated: [] };

/** Starts an account and creates the template's resources in it. */
export async function startAccount(options: AccountOptions): Promise<Account> {
  const { log, packageDir, environment } = options;
  const clock = clockOf(options);
  const identities = createIdentities();
  const s3 = createS3({ clock });
  const packages = new Packages(s3.buckets);
  const core = { options, clock, identities, s3, packages, calls: new Calls(), faults: new Faults() };
  let endpoint: Endpoint | undefined;
  let regions: Regions | undefined;
  let kinesisThread: KinesisThread | undefined;
  let xray: Xray | undefined;
  let answerUnsigned: AnswerUnsigned | undefined;

  const stop = once(async () => {
    await regions?.stopReading();
    clock.stop();
    await endpoint?.stop();
    await Promise.all([regions?.stop(), xray?.stop?.()]);
    await kinesisThread?.stop();
  });
  try {
    const template = packageDir === undefined ? undefined : await packages.take(packageDir, environment);
    const endpointUrl = () => endpoint?.url ?? "";
    const cloudfront = createCloudFront({ buckets: s3.buckets, endpointUrl });
    xray = await startXray({ clock, log });
    kinesisThread = createKinesisThread(clock.shared, log);
    const shared = regionDependencies({ ...core, cloudfront, xray, kinesisThread, endpointUrl });
    regions = new Regions((name) => startRegion(name, shared));
    const home = await regions.get(DEFAULT_REGION);
    const parts = { ...core, cloudfront, xray, regions, home };
    endpoint = await startAccountEndpoint(parts, async (request) => answerUnsigned?.(request));
    await createStreams(home, options.streams ?? []);
    const provisioned = template ? await home.cloudformation.stacks.create(STACK_NAME, template) : NOTHING;
    const onUnsigned = (answer: AnswerUnsigned) => {
      answerUnsigned = answer;
    };
    return { ...accountOf(parts, provisioned), url: endpoint.url, onUnsigned, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function clockOf({ speed, start, log }: AccountOptions): SandboxClock {
  return createClock({
    speed,
    ...(start !== undefined && { start }),
    onError: (error) => log(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
}

/** What there is before any service has started. */
interface Core {
  readonly options: AccountOptions;
  readonly clock: SandboxClock;
  readonly identities: Identities;
  readonly s3: S3;
  readonly packages: Packages;
  readonly calls: Calls;
  readonly faults: Faults;
}

interface Parts extends Core {
  readonly cloudfront: CloudFront;
  readonly xray: Xray;
  readonly regions: Regions;
  readonly home: Region;
}

function regionDependencies(
  parts: Omit<Parts, "regions" | "home"> & Pick<RegionDependencies, "kinesisThread" | "endpointUrl">,
): RegionDependencies {
  const { options, clock, identities, s3, packages, cloudfront, xray } = parts;
  const { calls, faults, kinesisThread, endpointUrl } = parts;
  const { iam, callers, encrypted, keys, roleAllows } = identities;
  return {
    ...options,
    ...{ clock, calls, faults, callers, encrypted, keys, roleAllows, s3, kinesisThread, endpointUrl },
    names: new TakenNames(),
    globalServices: [iam, cloudfront],
    readCode: packages.readCode,
    packagedTemplate: (url) => packages.nestedTemplate(url),
    daemonAddress: () => xray.daemonAddress,
    updatingMs: options.updatingMs ?? UPDATING_MS,
  };
}

async function startAccountEndpoint(parts: Parts, answerUnsigned: AnswerUnsigned): Promise<Endpoint> {
  const { options, clock, identities, calls, faults, s3, cloudfront, xray, regions, home } = parts;
  const { iam, callers, keys, encrypted } = identities;
  const functions = () => [
    ...regions.started().flatMap(({ lambda }) => lambda.configurations()),
    ...identities.signedIn(),
  ];
  const now = () => clock.now();
  const sts = createSts({ iam, callers, functions, now, onSession: identities.add });
  const inNoRegion = [s3, cloudfront, sts, createEcr(), xray];
  return startEndpoint({
    services: [...inNoRegion, ...home.services],
    servicesIn: async (name) => [...inNoRegion, ...(await regions.get(name)).services],
    ...{ clock, faults, calls, callers },
    authorise: createAuthorise({
      ...{ iam, functions, keys },
      keyOf: (arn) => encrypted.keyOf(arn),
      tagsOf: (arn) => tagsOfMachine(arn, regions),
    }),
    takeToken: createRates(clock),
    onThrottled: (call) => putTableThrottles(call, metricsOf(call, parts)),
    port: options.port ?? 0,
    unsigned: async (request) =>
      cloudfront.serve(request) ?? (await home.lambda.serveUrl(request)) ?? answerUnsigned(request),
    ...(options.latencyMs !== undefined && { latencyMs: options.latencyMs }),
    log: options.log,
  });
}

function tagsOfMachine(arn: string, regions: Regions): Readonly<Record<string, string>> {
  const id = arn.split("/").at(-1) ?? "";
  return regions.started().flatMap(({ machines }) => machines.find(id) ?? [])[0]?.tags ?? {};
}

/** Those of the region in which the call was made. */
function metricsOf({ resources }: Call, { regions, home }: Parts): MetricStore {
  const name = resources?.[0]?.split(":")[3] ?? DEFAULT_REGION;
  const region = regions.started().find((one) => one.name === name) ?? home;
  return region.cloudwatch.metrics;
}

async function createStreams({ kinesis }: Region, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const target = "Kinesis_20131202.CreateStream";
    await kinesis.handle(internalRequest(target, "kinesis", { StreamName: name, ShardCount: 1 }));
  }
}

function accountOf(parts: Parts, provisioned: Provisioned): Omit<Account, "url" | "onUnsigned" | "stop"> {
  const { options, clock, identities, calls, faults, s3, xray, packages, regions, home } = parts;
  const { packageDir, environment } = options;
  // Those of nested stacks too.
  const resources = home.cloudformation.stacks.list().flatMap((stack) => [...stack.resources.values()]);
  return {
    ...home,
    ...{ ...provisioned, resources },
    ...{ clock, s3, xray, iam: identities.iam, keys: identities.keys, faults, calls },
    region: (name) => regions.get(name),
    deploy: async (name, dir) => {
      const { cloudformation } = await regions.get(name);
      return cloudformation.stacks.create(STACK_NAME, await packages.take(dir, environment));
    },
    limit: identities.limit,
    applyConfigs: async () => {
      if (packageDir === undefined) return;
      await home.cloudformation.stacks.update(STACK_NAME, await templateIn(packageDir, environment));
    },
  };
}
