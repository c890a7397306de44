import type { SandboxClock } from "../clock/clock.ts";
import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import type { Deliveries } from "../deliveries.ts";
import { Network } from "../ec2/network.ts";
import type { Callers } from "../endpoint/calls.ts";
import { checkExecutionRole, type RoleAllows } from "../iam/execution-role.ts";
import type { FunctionPolicies } from "../iam/function-policy.ts";
import { type AwsRequest, type AwsResponse, DEFAULT_REGION, type Service } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { createApi, operationOf } from "./api.ts";
import { createArtefacts, type ReadCode } from "./artefacts.ts";
import type { FunctionConfiguration } from "./configuration.ts";
import { putEmbeddedMetrics } from "./embedded-metrics.ts";
import type { Host } from "./environment.ts";
import { DEFAULT_RULES, type EventRules, runEvent } from "./events.ts";
import { type FunctionEvents, type Invocation, LambdaFunction } from "./function.ts";
import { Functions } from "./functions.ts";
import { lambdaResources } from "./resources.ts";
import { createTraceSender } from "./trace.ts";
import { FunctionUrls } from "./urls/function-urls.ts";

export interface LambdaOptions {
  /** The default region where absent. */
  readonly region?: string;
  /** Reads the package a function's `Code` names. */
  readonly readCode: ReadCode;
  readonly clock: SandboxClock;
  readonly callers: Callers;
  readonly endpointUrl: () => string;
  /** Of the region; nobody has a VPC where absent. */
  readonly network?: Network;
  /** `127.0.0.1:port` of the X-Ray daemon. */
  readonly daemonAddress: () => string;
  readonly metrics: Pick<MetricStore, "put">;
  readonly deliveries: Deliveries;
  /** Sends to an SQS queue: on-failure destinations and dead letters. */
  readonly toQueue: (queueArn: string, body: string) => void;
  /** Answers what of the API is about event-source mappings; undefined for another request. Where absent, there are none. */
  readonly answerMappings?: (request: AwsRequest) => Promise<AwsResponse | undefined>;
  /** Where absent, roles are not asked. */
  readonly roleAllows?: RoleAllows;
  /** Variables by the function's name, over those of the template. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What goes wrong inside the sandbox. */
  readonly log: (line: string) => void;
  /** Each line a function writes. */
  readonly onLine?: (functionName: string, line: string) => void;
  readonly onInvocation?: (invocation: Invocation) => void;
}

export interface Lambda extends Service {
  /** Answers a request for a function URL; undefined when it is for something else. */
  serveUrl(request: AwsRequest): Promise<AwsResponse | undefined>;
  /** Runs a function and waits for its end (RequestResponse). @throws {AwsError} when throttled or unknown */
  invoke(nameOrArn: string, event: unknown): Promise<Invocation>;
  /** Gives it an asynchronous event (Event). Resolves when the first attempt has ended. */
  send(nameOrArn: string, event: unknown): Promise<void>;
  /** The next `times` asynchronous events of a function are delivered twice, one after the other or at once. */
  deliverTwice(functionName: string, options?: { times?: number; atOnce?: boolean }): void;
  /** The latest invocations, oldest first. */
  invocations(functionName?: string): readonly Invocation[];
  configurations(): readonly FunctionConfiguration[];
}

const NO_MAPPINGS = async () => undefined;

/** Older invocations are forgotten. */
const KEPT_INVOCATIONS = 5000;

/** Lambda: the packaged functions, each execution environment a thread of this process. */
export function createLambda(options: LambdaOptions): Lambda {
  const { clock, metrics, endpointUrl, region = DEFAULT_REGION, network = new Network() } = options;
  const artefacts = createArtefacts(options.readCode);
  const sender = createTraceSender(options.daemonAddress);
  const functions = new Functions();
  const rules = new Map<string, EventRules>();
  const twice = new Repeats();
  const invocations = new InvocationLog();

  const host = hostOf(options, region, network);
  const put = createFunctionMetrics(metrics, clock);
  const events = eventsOf(options, invocations, put, sender);

  async function create(declared: FunctionConfiguration): Promise<void> {
    if (options.roleAllows) checkExecutionRole(declared, options.roleAllows);
    if (declared.vpc) network.check(declared.vpc);
    const variables = { ...declared.variables, ...options.environment?.[declared.name] };
    const configuration = { ...declared, variables };
    const taskRoot = artefacts.take(configuration.code);
    await functions.put(new LambdaFunction(configuration, taskRoot, host, () => clock.now(), events));
  }

  function invokeNow(nameOrArn: string, payload: string, traceHeader?: string): Promise<Invocation> {
    const target = functions.find(nameOrArn);
    const running = target.invokeNow(payload, { traceHeader });
    if (running) return running;
    const { name, reservedConcurrency } = target.configuration;
    put.throttled(name);
    const reason = reservedConcurrency === undefined ? "" : ` (reserved concurrency ${reservedConcurrency})`;
    throw new AwsError("TooManyRequestsException", `Rate Exceeded for ${name}${reason}.`, { status: 429 });
  }

  async function sendPayload(nameOrArn: string, payload: string, traceHeader?: string): Promise<void> {
    const target = functions.find(nameOrArn);
    const { name } = target.configuration;
    const run = () =>
      runEvent(target, payload, rules.get(name) ?? DEFAULT_RULES, { ...options, clock }, traceHeader);
    return twice.run(name, run);
  }

  const policies: FunctionPolicies = new Map();
  const urls = new FunctionUrls({ functions, policies, clock, endpointUrl, invoke: invokeNow });

  return {
    signingNames: ["lambda"],
    serveUrl: (request) => urls.serve(request),
    handle: createApi(functions, {
      urlOf: (nameOrArn) => urls.describe(nameOrArn),
      ...{ invoke: invokeNow, answerMappings: options.answerMappings ?? NO_MAPPINGS },
      queue: (...event) => clock.background(() => sendPayload(...event)),
    }),
    operationOf,
    resources: lambdaResources({ region, functions, create, eventRules: rules, policies, urls }),
    invoke: async (nameOrArn, event) => invokeNow(nameOrArn, JSON.stringify(event)),
    send: (nameOrArn, event) => sendPayload(nameOrArn, JSON.stringify(event)),
    deliverTwice: (functionName, repeat) => twice.set(functionName, repeat),
    invocations: (functionName) => invocations.of(functionName),
    configurations: () => functions.list().map((target) => target.configuration),
    stop: async () => {
      await functions.stop();
      sender.stop();
      artefacts.remove();
    },
  };
}

function hostOf(
  { clock, callers, endpointUrl, daemonAddress }: LambdaOptions,
  region: string,
  network: Network,
): Host {
  const date = () => new Date(clock.now()).toISOString();
  return { region, shared: clock.shared, callers, endpointUrl, network, daemonAddress, date };
}

/** Who hears of what the functions do. */
function eventsOf(
  { metrics, onLine, onInvocation }: LambdaOptions,
  invocations: InvocationLog,
  put: ReturnType<typeof createFunctionMetrics>,
  sender: ReturnType<typeof createTraceSender>,
): FunctionEvents {
  return {
    onTrace: sender.send,
    onLine: (functionName, line) => {
      putEmbeddedMetrics(line, metrics);
      onLine?.(functionName, line);
    },
    onInvocation: (invocation) => {
      invocations.add(invocation);
      put.ended(invocation);
      onInvocation?.(invocation);
    },
  };
}

/** The latest invocations, oldest first. */
class InvocationLog {
  #invocations: Invocation[] = [];

  add(invocation: Invocation): void {
    this.#invocations.push(invocation);
    if (this.#invocations.length > KEPT_INVOCATIONS)
      this.#invocations = this.#invocations.slice(-KEPT_INVOCATIONS / 2);
  }

  /** @param functionName all of them where it is undefined */
  of(functionName: string | undefined): readonly Invocation[] {
    return this.#invocations.filter((one) => functionName === undefined || one.functionName === functionName);
  }
}

/** Which functions get their next asynchronous events twice, as Lambda may deliver each. */
class Repeats {
  readonly #left = new Map<string, { readonly times: number; readonly atOnce: boolean }>();

  set(functionName: string, { times = 1, atOnce = false }: Parameters<Lambda["deliverTwice"]>[1] = {}): void {
    this.#left.set(functionName, { times, atOnce });
  }

  /** Runs an event once, or twice. */
  async run(functionName: string, once: () => Promise<void>): Promise<void> {
    const { times = 0, atOnce = false } = this.#left.get(functionName) ?? {};
    if (times === 0) return once();
    this.#left.set(functionName, { times: times - 1, atOnce });
    if (atOnce) {
      await Promise.all([once(), once()]);
      return;
    }
    await once();
    await once();
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
function createFunctionMetrics(metrics: LambdaOptions["metrics"], clock: SandboxClock) {
  const put = (functionName: string, name: string, value: number, unit: string) =>
    metrics.put("AWS/Lambda", name, { FunctionName: functionName }, { value }, unit, clock.now());
  return {
    throttled: (functionName: string) => put(functionName, "Throttles", 1, "Count"),
    ended({ functionName, result, durationMs }: Invocation): void {
      put(functionName, "Invocations", 1, "Count");
      put(functionName, "Errors", result.ok ? 0 : 1, "Count");
      put(functionName, "Throttles", 0, "Count");
      put(functionName, "Duration", durationMs, "Milliseconds");
    },
  };
}
