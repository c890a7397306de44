/**
 * The thread one execution environment is: Lambda's Node.js runtime as far as a function sees it. It loads the
 * handler once and then runs one invocation after the other.
 */
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { showSandboxTime } from "../clock/sandbox-date.ts";
import { losePackets } from "../ec2/lost-packets.ts";
import type { FunctionError, InvokeMessage, RuntimeData, RuntimeMessage } from "./messages.ts";

type Handler = (event: unknown, context: object) => unknown;

const { taskRoot, handler: handlerName, shared } = workerData as RuntimeData;

// Of this thread and not of the function: see environment.ts.
delete process.env.NODE_COMPILE_CACHE;
showSandboxTime(shared);
// The real directory is the process's, which a thread cannot change.
process.cwd = () => taskRoot;
const setReach = losePackets();
// Over the same port as the results, so that what was written before a result is there before it.
process.stdout.write = output;
process.stderr.write = output;

const ownRequire = createRequire(import.meta.url);
// Lambda's runtime has the AWS SDK in it, for what a bundle leaves out.
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.startsWith("@aws-sdk/")) throw error;
      return next(ownRequire.resolve(specifier), context);
    }
  },
});

const handler = load();
if (handler) parentPort?.on("message", (message: InvokeMessage) => void invoke(handler, message));

function load(): Handler | undefined {
  const dot = handlerName.lastIndexOf(".");
  const [file, name] = [handlerName.slice(0, dot), handlerName.slice(dot + 1)];
  try {
    const loaded: unknown = createRequire(join(taskRoot, "/"))(join(taskRoot, file));
    const found: unknown = typeof loaded === "object" && loaded !== null && Reflect.get(loaded, name);
    if (typeof found !== "function") {
      throw Object.assign(new Error(`${handlerName} is undefined or not exported`), {
        name: "Runtime.HandlerNotFound",
      });
    }
    say({ type: "ready" });
    return found as Handler;
  } catch (error) {
    say({ type: "init-error", error: functionError(error) });
    return undefined;
  }
}

async function invoke(run: Handler, message: InvokeMessage): Promise<void> {
  const { requestId, payload } = message;
  setReach(message.reach);
  process.env._X_AMZN_TRACE_ID = message.traceHeader;
  try {
    const result = await run(JSON.parse(payload), contextOf(message));
    say({ type: "result", requestId, payload: JSON.stringify(result) ?? "null" });
  } catch (error) {
    say({ type: "error", requestId, error: functionError(error) });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf({ requestId, functionArn, timeoutMs }: InvokeMessage): object {
  const started = performance.now();
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: requestId,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    // Real time: the time-out counts how long the function computes and waits, however fast the clock runs.
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(timeoutMs - (performance.now() - started))),
  };
}

function functionError(error: unknown): FunctionError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return {
    errorType: error.name,
    errorMessage: error.message,
    ...(error.stack && { trace: error.stack.split("\n") }),
  };
}

function output(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
  say({ type: "output", text: typeof chunk === "string" ? chunk : Buffer.from(chunk).toString() });
  const callback = rest.find((argument) => typeof argument === "function");
  if (callback) queueMicrotask(() => callback());
  return true;
}

function say(message: RuntimeMessage): void {
  parentPort?.postMessage(message);
}
