import type { Callers } from "../calls.ts";
import type { SandboxClock } from "../clock.ts";
import type { MetricStore } from "../cloudwatch/store.ts";
import type { Deliveries } from "../deliveries.ts";
import { notSimulated } from "../not-simulated.ts";
import type { AwsRequest, AwsResponse, ResourceType, Service } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { createArtefacts, type ReadCode } from "./artefacts.ts";
import { type FunctionConfiguration, functionConfiguration, SIMULATED_PROPERTIES } from "./configuration.ts";
import { putEmbeddedMetrics } from "./embedded-metrics.ts";
import type { Surroundings } from "./environment.ts";
import { DEFAULT_RULES, EventInvokeConfig, type EventRules, eventRules, runEvent } from "./events.ts";
import { type Invocation, LambdaFunction } from "./function.ts";
import { createTraceSender } from "./trace.ts";

export interface LambdaOptions {
  /** Reads the package a function's `Code` names. */
  readonly readCode: ReadCode;
  readonly clock: SandboxClock;
  readonly callers: Callers;
  readonly endpointUrl: () => string;
  /** `127.0.0.1:port` of the X-Ray daemon. */
  readonly daemonAddress: () => string;
  readonly metrics: Pick<MetricStore, "put">;
  readonly deliveries: Deliveries;
  /** Sends to an SQS queue: on-failure destinations and dead letters. */
  readonly toQueue: (queueArn: string, body: string) => void;
  /** Variables by the function's name, over those of the template. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What goes wrong inside the sandbox. */
  readonly log: (line: string) => void;
  /** Each line a function writes. */
  readonly onLine?: (functionName: string, line: string) => void;
  readonly onInvocation?: (invocation: Invocation) => void;
}

export interface Lambda extends Service {
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

/** Older invocations are forgotten. */
const KEPT_INVOCATIONS = 5000;

/** As Lambda's own limit of `LogType: Tail`. */
const TAIL_BYTES = 4096;

/** Lambda: the packaged functions, each execution environment a thread of this process. */
export function createLambda(options: LambdaOptions): Lambda {
  const { clock, metrics } = options;
  const artefacts = createArtefacts(options.readCode);
  const sender = createTraceSender(options.daemonAddress);
  const functions = new Map<string, LambdaFunction>();
  /** Those in whose place another is, or none: their last runs may still be under way. */
  const retired: LambdaFunction[] = [];
  const rules = new Map<string, EventRules>();
  const twice = new Map<string, { left: number; atOnce: boolean }>();
  let invocations: Invocation[] = [];

  const surroundings: Surroundings = {
    shared: clock.shared,
    callers: options.callers,
    endpointUrl: options.endpointUrl,
    daemonAddress: options.daemonAddress,
    date: () => new Date(clock.now()).toISOString(),
  };
  const events = {
    onTrace: sender.send,
    onLine: (functionName: string, line: string) => {
      putEmbeddedMetrics(line, metrics);
      options.onLine?.(functionName, line);
    },
    onInvocation: (invocation: Invocation) => {
      invocations.push(invocation);
      if (invocations.length > KEPT_INVOCATIONS) invocations = invocations.slice(-KEPT_INVOCATIONS / 2);
      count(invocation);
      options.onInvocation?.(invocation);
    },
  };

  /** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  function count({ functionName, result, durationMs }: Invocation): void {
    put(functionName, "Invocations", 1, "Count");
    put(functionName, "Errors", result.ok ? 0 : 1, "Count");
    put(functionName, "Throttles", 0, "Count");
    put(functionName, "Duration", durationMs, "Milliseconds");
  }

  function put(functionName: string, name: string, value: number, unit: string): void {
    metrics.put("AWS/Lambda", name, { FunctionName: functionName }, { value }, unit, clock.now());
  }

  function find(nameOrArn: string): LambdaFunction {
    // name, name:qualifier, arn:aws:lambda:region:account:function:name, the same with a qualifier
    const name = nameOrArn.replace(/^.*:function:/, "").split(":")[0] ?? "";
    const found = functions.get(name);
    if (found) return found;
    throw new AwsError("ResourceNotFoundException", `Function not found: ${nameOrArn}`, { status: 404 });
  }

  function invokeNow(nameOrArn: string, payload: string, traceHeader?: string): Promise<Invocation> {
    const target = find(nameOrArn);
    const running = target.invokeNow(payload, { traceHeader });
    if (running) return running;
    const { name, reservedConcurrency } = target.configuration;
    put(name, "Throttles", 1, "Count");
    const reason = reservedConcurrency === undefined ? "" : ` (reserved concurrency ${reservedConcurrency})`;
    throw new AwsError("TooManyRequestsException", `Rate Exceeded for ${name}${reason}.`, { status: 429 });
  }

  async function sendPayload(nameOrArn: string, payload: string, traceHeader?: string): Promise<void> {
    const target = find(nameOrArn);
    const { name } = target.configuration;
    const run = () =>
      runEvent(target, payload, rules.get(name) ?? DEFAULT_RULES, { ...options, clock }, traceHeader);
    const again = twice.get(name);
    if (!again || again.left === 0) return run();
    again.left -= 1;
    if (again.atOnce) {
      await Promise.all([run(), run()]);
      return;
    }
    await run();
    await run();
  }

  async function handle(request: AwsRequest): Promise<AwsResponse> {
    const [, name = "", action] = /^\/2015-03-31\/functions\/?([^/]*)\/?(.*)$/.exec(request.path) ?? [];
    const nameOrArn = decodeURIComponent(name);
    if (request.method === "POST" && action === "invocations") return answerInvoke(nameOrArn, request);
    if (request.method === "GET" && name === "") {
      return json(200, {
        Functions: [...functions.values()].map((target) => described(target)),
      });
    }
    if (request.method === "GET" && action === "configuration") {
      return json(200, described(find(nameOrArn)));
    }
    if (request.method === "GET" && action === "") {
      const target = find(nameOrArn);
      const { configuration } = target;
      return json(200, {
        Configuration: described(target),
        Code: { RepositoryType: "S3" },
        ...(configuration.reservedConcurrency !== undefined && {
          Concurrency: { ReservedConcurrentExecutions: configuration.reservedConcurrency },
        }),
      });
    }
    throw new AwsError(
      "UnknownOperationException",
      `The sandbox's Lambda has Invoke, ListFunctions, GetFunction and GetFunctionConfiguration, not ${request.method} ${request.path}.`,
      { status: 404 },
    );
  }

  async function answerInvoke(nameOrArn: string, request: AwsRequest): Promise<AwsResponse> {
    const payload = request.body.length > 0 ? request.body.toString() : "{}";
    try {
      JSON.parse(payload);
    } catch (error) {
      throw new AwsError(
        "InvalidRequestContentException",
        `Could not parse request body into json: ${error}`,
      );
    }
    const traceHeader = request.headers["x-amzn-trace-id"];
    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (type === "DryRun") {
      find(nameOrArn);
      return { status: 204 };
    }
    if (type === "Event") {
      find(nameOrArn);
      clock.background(() => sendPayload(nameOrArn, payload, traceHeader));
      return { status: 202 };
    }
    const { result, log } = await invokeNow(nameOrArn, payload, traceHeader);
    const tail = Buffer.from(log.join("\n")).subarray(-TAIL_BYTES).toString("base64");
    return {
      status: 200,
      headers: {
        "content-type": "application/json",
        "x-amz-executed-version": "$LATEST",
        ...(request.headers["x-amz-log-type"] === "Tail" && { "x-amz-log-result": tail }),
        ...(!result.ok && { "x-amz-function-error": "Unhandled" }),
      },
      body: result.ok ? result.payload : JSON.stringify(result.error),
    };
  }

  const createFunction: ResourceType = async (logicalId, properties) => {
    const declared = functionConfiguration(logicalId, properties);
    const variables = { ...declared.variables, ...options.environment?.[declared.name] };
    const configuration = { ...declared, variables };
    const { name } = configuration;
    const taskRoot = artefacts.unpack(configuration.code);
    await retire(name);
    functions.set(name, new LambdaFunction(configuration, taskRoot, surroundings, () => clock.now(), events));
    const known = [...SIMULATED_PROPERTIES, "Description", "Tags", "LoggingConfig"];
    return {
      ref: name,
      attributes: { Arn: configuration.arn },
      notSimulated: notSimulated(logicalId, properties, known, {
        Architectures: "it runs on this machine's",
      }),
      remove: () => retire(name),
    };
  };

  async function retire(name: string): Promise<void> {
    const target = functions.get(name);
    if (!target) return;
    functions.delete(name);
    retired.push(target);
    await target.retire();
  }

  const createVersion: ResourceType = async (_, { FunctionName }) => {
    const { arn } = find(String(FunctionName)).configuration;
    return { ref: `${arn}:1`, attributes: { Version: "1" } };
  };

  const createEventInvokeConfig: ResourceType = async (logicalId, properties) => {
    const config = parse(EventInvokeConfig, properties, "ValidationException");
    const { name } = find(config.FunctionName).configuration;
    rules.set(name, eventRules(config));
    return {
      ref: logicalId,
      notSimulated: notSimulated(logicalId, properties, Object.keys(EventInvokeConfig.shape)),
      remove: async () => void rules.delete(name),
    };
  };

  return {
    signingNames: ["lambda"],
    handle,
    operationOf,
    resources: {
      "AWS::Lambda::Function": createFunction,
      "AWS::Lambda::Version": createVersion,
      "AWS::Lambda::EventInvokeConfig": createEventInvokeConfig,
      // Nobody is refused here, so a permission changes nothing.
      "AWS::Lambda::Permission": async (logicalId) => ({ ref: logicalId }),
    },
    invoke: async (nameOrArn, event) => invokeNow(nameOrArn, JSON.stringify(event)),
    send: (nameOrArn, event) => sendPayload(nameOrArn, JSON.stringify(event)),
    deliverTwice: (functionName, { times = 1, atOnce = false } = {}) =>
      void twice.set(functionName, { left: times, atOnce }),
    invocations: (functionName) =>
      invocations.filter((one) => functionName === undefined || one.functionName === functionName),
    configurations: () => [...functions.values()].map((target) => target.configuration),
    stop: async () => {
      await Promise.all([...functions.values(), ...retired].map((target) => target.stop()));
      sender.stop();
      artefacts.remove();
    },
  };
}

function operationOf({ method, path }: AwsRequest): string | undefined {
  if (path.endsWith("/invocations")) return "Invoke";
  if (method !== "GET") return undefined;
  return /\/functions\/?$/.test(path) ? "ListFunctions" : "GetFunction";
}

function json(status: number, body: object): AwsResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** As the API describes a function. */
function described({ configuration, modifiedAt }: LambdaFunction): object {
  const { name, arn, runtime, handler, role, memoryMb, timeoutMs, variables, traced } = configuration;
  return {
    FunctionName: name,
    FunctionArn: arn,
    Runtime: runtime,
    Handler: handler,
    Role: role,
    MemorySize: memoryMb,
    Timeout: timeoutMs / 1000,
    Environment: { Variables: variables },
    TracingConfig: { Mode: traced ? "Active" : "PassThrough" },
    Version: "$LATEST",
    State: "Active",
    LastUpdateStatus: "Successful",
    LastModified: new Date(modifiedAt).toISOString().replace("Z", "+0000"),
    PackageType: "Zip",
  };
}
