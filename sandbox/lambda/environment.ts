import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Network } from "../ec2/network.ts";
import type { Caller, Callers } from "../endpoint/calls.ts";
import type { FunctionConfiguration } from "./configuration.ts";
import type { FunctionError, InvokeMessage, RuntimeData, RuntimeMessage } from "./messages.ts";

/** What an environment needs to know of the sandbox around it. */
export interface Host {
  readonly region: string;
  readonly shared: SharedArrayBuffer;
  readonly callers: Callers;
  /** The endpoint's URL. */
  readonly endpointUrl: () => string;
  readonly network: Network;
  /** `127.0.0.1:port` of the X-Ray daemon. */
  readonly daemonAddress: () => string;
  /** ISO date of the sandbox's clock, for the log stream's name. */
  readonly date: () => string;
}

/** How one run of the handler ended. */
export type RunResult =
  | { readonly ok: true; readonly payload: string }
  | { readonly ok: false; readonly error: FunctionError; readonly ended: "error" | "time-out" | "crash" };

/** One execution environment: used again for invocation after invocation, one at a time. */
export interface ExecutionEnvironment extends Caller {
  /** Milliseconds the handler took to load; set once it did. */
  initMs(): number | undefined;
  /** False once it has failed to load, timed out or crashed: no invocation may use it any more. */
  isUsable(): boolean;
  run(message: InvokeMessage, onOutput: (text: string) => void): Promise<RunResult>;
  stop(): Promise<void>;
}

/**
 * Lambda gives the init phase ten seconds; what has not loaded by then is loaded in the function's own time-out.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
 */
const INIT_LIMIT_MS = 10_000;

export function startEnvironment(
  configuration: FunctionConfiguration,
  taskRoot: string,
  host: Host,
): ExecutionEnvironment {
  // Each its own key: a call's credential scope then says which environment made it.
  const accessKeyId = `ASIA${randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase()}`;
  const worker = startRuntime(configuration, taskRoot, accessKeyId, host);
  const started = performance.now();
  let initMs: number | undefined;
  let usable = true;
  let requestId: string | undefined;
  let onOutput: (text: string) => void = () => {};
  let onEnd: (result: RunResult) => void = () => {};
  const early: string[] = [];

  const ready = new Promise<RunResult | undefined>((resolve) => {
    worker.on("message", (message: RuntimeMessage) => {
      switch (message.type) {
        case "ready":
          initMs = performance.now() - started;
          return resolve(undefined);
        case "init-error":
          usable = false;
          return resolve({ ok: false, error: message.error, ended: "error" });
        case "output":
          // What is written while loading belongs to the log of the first invocation.
          return requestId === undefined ? void early.push(message.text) : onOutput(message.text);
        case "result":
          if (message.requestId === requestId) onEnd({ ok: true, payload: message.payload });
          return;
        case "error":
          if (message.requestId === requestId) onEnd({ ok: false, error: message.error, ended: "error" });
          return;
      }
    });
    const gone = (error: FunctionError) => {
      usable = false;
      const result: RunResult = { ok: false, error, ended: "crash" };
      resolve(result);
      onEnd(result);
    };
    worker.on("error", (error) => gone(runtimeError(error)));
    worker.on("exit", () => {
      host.callers.delete(accessKeyId);
      gone({ errorType: "Runtime.ExitError", errorMessage: "Runtime exited without providing a reason" });
    });
  });

  async function run(message: InvokeMessage, write: (text: string) => void): Promise<RunResult> {
    requestId = message.requestId;
    onOutput = write;
    try {
      const limit = INIT_LIMIT_MS + message.timeoutMs;
      const failed = await within(ready, limit, () => timeOut(message.timeoutMs, message.requestId));
      for (const text of early.splice(0)) write(text);
      if (failed) return failed;
      const ended = new Promise<RunResult>((resolve) => {
        onEnd = resolve;
      });
      worker.postMessage(message);
      return await within(ended, message.timeoutMs, () => timeOut(message.timeoutMs, message.requestId));
    } finally {
      requestId = undefined;
      onOutput = () => {};
      onEnd = () => {};
      if (!usable) await stop();
    }
  }

  function timeOut(limitMs: number, id: string): RunResult {
    usable = false;
    const errorMessage = `RequestId: ${id} Error: Task timed out after ${(limitMs / 1000).toFixed(2)} seconds`;
    return { ok: false, error: { errorType: "Sandbox.Timedout", errorMessage }, ended: "time-out" };
  }

  async function stop(): Promise<void> {
    usable = false;
    host.callers.delete(accessKeyId);
    await worker.terminate();
  }

  const environment: ExecutionEnvironment = {
    functionName: configuration.name,
    functionArn: configuration.arn,
    requestId: () => requestId,
    initMs: () => initMs,
    isUsable: () => usable,
    crash: stop,
    run,
    stop,
  };
  host.callers.set(accessKeyId, environment);
  return environment;
}

function startRuntime(
  configuration: FunctionConfiguration,
  taskRoot: string,
  accessKeyId: string,
  host: Host,
): Worker {
  const data: RuntimeData = { taskRoot, handler: configuration.handler, shared: host.shared };
  return new Worker(new URL("./runtime.ts", import.meta.url), {
    workerData: data,
    execArgv: ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"],
    env: {
      ...variables(configuration, taskRoot, accessKeyId, host),
      // A cold start takes half the time where one before it has compiled the code. The function does not see it.
      NODE_COMPILE_CACHE: join(taskRoot, "..", "compiled"),
    },
    resourceLimits: { maxOldGenerationSizeMb: configuration.memoryMb },
    stdout: true,
    stderr: true,
  });
}

/** The variables of https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html and the function's own. */
function variables(
  configuration: FunctionConfiguration,
  taskRoot: string,
  accessKeyId: string,
  { region, endpointUrl, network, daemonAddress, date }: Host,
): Record<string, string> {
  const { name, memoryMb, handler, runtime } = configuration;
  const [host = "", port = ""] = daemonAddress().split(":");
  return {
    AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
    LANG: "en_US.UTF-8",
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    TZ: ":UTC",
    ...configuration.variables,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: "sandbox",
    AWS_SESSION_TOKEN: "sandbox",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpointUrl(),
    ...network.variables(configuration.vpc),
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${date().slice(0, 10).replaceAll("-", "/")}/[$LATEST]${accessKeyId.toLowerCase()}`,
    AWS_XRAY_DAEMON_ADDRESS: daemonAddress(),
    _AWS_XRAY_DAEMON_ADDRESS: host,
    _AWS_XRAY_DAEMON_PORT: port,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: taskRoot,
  };
}

function runtimeError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: "Runtime.ExitError", errorMessage: String(error) };
  if (Reflect.get(error, "code") === "ERR_WORKER_OUT_OF_MEMORY") {
    return { errorType: "Runtime.OutOfMemory", errorMessage: "Runtime exited with error: signal: killed" };
  }
  return {
    errorType: "Runtime.ExitError",
    errorMessage: `Runtime exited with error: ${error.name}: ${error.message}`,
    ...(error.stack && { trace: error.stack.split("\n") }),
  };
}

async function within<T>(work: Promise<T>, limitMs: number, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(late()), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
