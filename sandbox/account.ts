import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createClock, type SandboxClock } from "./clock/clock.ts";
import { parseTemplateText } from "./cloudformation/source.ts";
import { createCloudFront } from "./cloudfront/cloudfront.ts";
import { putTableThrottles } from "./dynamodb/throttle-metrics.ts";
import { createEcr } from "./ecr.ts";
import { type Callers, Calls } from "./endpoint/calls.ts";
import { type AnswerUnsigned, type Endpoint, startEndpoint } from "./endpoint/endpoint.ts";
import { Faults } from "./endpoint/faults.ts";
import { internalRequest } from "./endpoint/internal-request.ts";
import { createRates } from "./endpoint/rates.ts";
import { createAuthorise } from "./iam/authorise.ts";
import { EncryptedResources } from "./iam/encrypted-resources.ts";
import type { RoleAllows } from "./iam/execution-role.ts";
import { createIam, type Iam } from "./iam/iam.ts";
import { Keys } from "./iam/keys.ts";
import type { CallingFunction } from "./iam/permissions.ts";
import { signIn } from "./iam/sign-in.ts";
import { createSts } from "./iam/sts.ts";
import { type KinesisThread, startKinesisThread } from "./kinesis/server/thread.ts";
import { packagesIn, type ReadCode } from "./lambda/artefacts.ts";
import { type Region, type RegionDependencies, type RegionOptions, startRegion } from "./region.ts";
import { Regions } from "./regions.ts";
import type { Buckets } from "./s3/buckets.ts";
import { createS3, type S3 } from "./s3/s3.ts";
import { DEFAULT_REGION } from "./service.ts";
import type { Provisioned } from "./template/provision.ts";
import { type FunctionEnvironments, withRolesOfConfigs } from "./template/roles-of-config.ts";
import { TakenNames } from "./template/taken-names.ts";
import { TEMPLATE_FILE } from "./template/template.ts";
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
  const iam = createIam();
  const people: CallingFunction[] = [];
  const encrypted = new EncryptedResources();
  const keys = new Keys();
  const roleAllows: RoleAllows = (role, action, resource) =>
    iam.hasRole(role) ? iam.allows(role, { action, ...(resource && { resources: [resource] }) }) : undefined;
  const endpointUrl = () => endpoint?.url ?? "";
  const packages = packageDir === undefined ? [] : [packageDir];
  let endpoint: Endpoint | undefined;
  let regions: Regions | undefined;
  let kinesisThread: KinesisThread | undefined;
  let xray: Xray | undefined;
  let answerUnsigned: AnswerUnsigned | undefined;

  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      await regions?.stopReading();
      clock.stop();
      await endpoint?.stop();
      await Promise.all([regions?.stop(), xray?.stop?.()]);
      await kinesisThread?.stop();
    })();
    return stopped;
  };
  try {
    const s3 = createS3({ clock });
    const cloudfront = createCloudFront({ buckets: s3.buckets, endpointUrl });
    [xray, kinesisThread] = await Promise.all([
      startXray({ clock, log }),
      startKinesisThread(clock.shared, log),
    ]);
    const { daemonAddress } = xray;
    const shared: RegionDependencies = {
      ...options,
      ...{ clock, calls, faults, callers, encrypted, keys, roleAllows, s3, kinesisThread, endpointUrl },
      names: new TakenNames(),
      globalServices: [iam, cloudfront],
      readCode: (location) => codeIn(s3.buckets, packages)(location),
      packagedTemplate: (url) => nestedTemplateIn(packages, url),
      daemonAddress: () => daemonAddress,
      updatingMs: options.updatingMs ?? UPDATING_MS,
    };
    regions = new Regions((name) => startRegion(name, shared));
    const all = regions;
    const home = await all.get(DEFAULT_REGION);
    const functions = () => [...all.started().flatMap(({ lambda }) => lambda.configurations()), ...people];
    const now = () => clock.now();
    const sts = createSts({
      iam,
      callers,
      functions,
      now,
      onSession: (session) => void people.push(session),
    });
    const inNoRegion = [s3, cloudfront, sts, createEcr(), xray];
    endpoint = await startEndpoint({
      services: [...inNoRegion, ...home.services],
      servicesIn: async (name) => [...inNoRegion, ...(await all.get(name)).services],
      ...{ clock, faults, calls, callers },
      authorise: createAuthorise({
        iam,
        functions,
        keyOf: (arn) => encrypted.keyOf(arn),
        keys,
        tagsOf: (arn) =>
          all.started().flatMap(({ machines }) => machines.find(arn.split("/").at(-1) ?? "") ?? [])[0]
            ?.tags ?? {},
      }),
      takeToken: createRates(clock),
      onThrottled: (call) => {
        const name = call.resources?.[0]?.split(":")[3] ?? DEFAULT_REGION;
        const region = all.started().find((one) => one.name === name) ?? home;
        putTableThrottles(call, region.cloudwatch.metrics);
      },
      port: options.port ?? 0,
      unsigned: async (request) =>
        cloudfront.serve(request) ?? (await home.lambda.serveUrl(request)) ?? answerUnsigned?.(request),
      ...(options.latencyMs !== undefined && { latencyMs: options.latencyMs }),
      log,
    });
    for (const name of options.streams ?? []) {
      const target = "Kinesis_20131202.CreateStream";
      await home.kinesis.handle(internalRequest(target, "kinesis", { StreamName: name, ShardCount: 1 }));
    }
    const provisioned = template ? await home.cloudformation.stacks.create(STACK_NAME, template) : NOTHING;
    // Those of nested stacks too.
    const resources = home.cloudformation.stacks.list().flatMap((stack) => [...stack.resources.values()]);
    return {
      ...home,
      ...{ ...provisioned, resources },
      ...{ url: endpoint.url, clock, s3, xray, iam, keys, faults, calls },
      region: (name) => all.get(name),
      deploy: async (name, dir) => {
        const { cloudformation } = await all.get(name);
        packages.push(dir);
        return cloudformation.stacks.create(STACK_NAME, await templateIn(dir, options.environment));
      },
      limit: async (accessKeyId, policy) => void people.push(await signIn(accessKeyId, policy, iam, callers)),
      applyConfigs: async () => {
        if (packageDir === undefined) return;
        await home.cloudformation.stacks.update(
          STACK_NAME,
          await templateIn(packageDir, options.environment),
        );
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

async function templateIn(packageDir: string, environment: FunctionEnvironments = {}) {
  const file = join(packageDir, TEMPLATE_FILE);
  const { text, template } = parseTemplateText(readFileSync(file, "utf8"), file);
  return { text, template: await withRolesOfConfigs(template, environment) };
}

/** What was uploaded, and else what was packaged, to the latest directory that has it. */
function codeIn(buckets: Buckets, packageDirs: readonly string[]): ReadCode {
  return (location) => {
    const { bucket, key } = location;
    const uploaded = buckets.object(bucket, key);
    if (uploaded) return uploaded.body;
    const dir = packageDirs.findLast((one) => existsSync(join(one, basename(key)))) ?? packageDirs.at(-1);
    if (dir !== undefined) return packagesIn(dir)(location);
    throw new Error(`Error occurred while GetObject. S3 Error Code: NoSuchKey (${bucket}/${key}).`);
  };
}

/** As scripts/serverless/nested-templates.cjs writes it. */
function nestedTemplateIn(packageDirs: readonly string[], url: string): string | undefined {
  const files = packageDirs.map((dir) => join(dir, "nested", basename(url)));
  const found = files.findLast((file) => existsSync(file));
  return found && readFileSync(found, "utf8");
}
