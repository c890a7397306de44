import { randomUUID } from "node:crypto";
import type { FunctionConfiguration } from "./configuration.ts";
import { type ExecutionEnvironment, type Host, type RunResult, startEnvironment } from "./environment.ts";
import type { InvokeMessage } from "./messages.ts";
import { startTrace } from "./trace.ts";

/** An invocation that has ended. */
export interface Invocation {
  readonly functionName: string;
  readonly requestId: string;
  /** 1 for the first, more for the retries of an asynchronous event. */
  readonly attempt: number;
  /** Ms since the epoch on the sandbox's clock. */
  readonly at: number;
  /** Real milliseconds in the handler. */
  readonly durationMs: number;
  /** Real milliseconds to load the handler; absent when the environment was warm. */
  readonly initMs?: number;
  readonly result: RunResult;
  /** What it wrote, and Lambda's own START, END and REPORT lines. */
  readonly log: readonly string[];
  readonly traceHeader: string;
}

export interface InvokeOptions {
  readonly requestId?: string;
  readonly attempt?: number;
  /** The caller's trace header. */
  readonly traceHeader?: string | undefined;
}

/** What a function reports while and after it runs. */
export interface FunctionEvents {
  readonly onLine: (functionName: string, line: string) => void;
  readonly onInvocation: (invocation: Invocation) => void;
  readonly onTrace: (documents: readonly object[]) => void;
}

/**
 * Functions without a reserved concurrency run so many at once. AWS lets 1,000 run in an account; here each
 * is a thread with its own heap.
 */
const UNRESERVED_CONCURRENCY = 10;

/** A function and its execution environments. */
export class LambdaFunction {
  readonly configuration: FunctionConfiguration;
  /** Ms since the epoch on the sandbox's clock. */
  readonly modifiedAt: number;
  readonly #taskRoot: () => string;
  readonly #surroundings: Host;
  readonly #now: () => number;
  readonly #events: FunctionEvents;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #busy = new Set<ExecutionEnvironment>();
  readonly #waiting: (() => void)[] = [];
  #retired = false;

  constructor(
    configuration: FunctionConfiguration,
    taskRoot: () => string,
    host: Host,
    now: () => number,
    events: FunctionEvents,
  ) {
    this.configuration = configuration;
    this.#taskRoot = taskRoot;
    this.#surroundings = host;
    this.#now = now;
    this.modifiedAt = now();
    this.#events = events;
  }

  isThrottled(): boolean {
    return this.#busy.size >= (this.configuration.reservedConcurrency ?? UNRESERVED_CONCURRENCY);
  }

  /** Runs it now, or undefined when it is throttled. */
  invokeNow(payload: string, options: InvokeOptions = {}): Promise<Invocation> | undefined {
    return this.isThrottled() ? undefined : this.#invoke(payload, options);
  }

  /** Runs it when there is room, first come first served; as Lambda's queue of asynchronous events does. */
  async invokeInTurn(payload: string, options: InvokeOptions = {}): Promise<Invocation> {
    while (this.isThrottled()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#invoke(payload, options);
  }

  /** Another takes its place, or none: what runs may end. */
  async retire(): Promise<void> {
    this.#retired = true;
    await Promise.all(this.#idle.splice(0).map((environment) => environment.stop()));
  }

  /** Ends what runs. */
  async stop(): Promise<void> {
    await Promise.all([...this.#idle.splice(0), ...this.#busy].map((environment) => environment.stop()));
  }

  async #invoke(payload: string, options: InvokeOptions): Promise<Invocation> {
    const { configuration } = this;
    const warm = this.#idle.pop();
    const environment = warm ?? startEnvironment(configuration, this.#taskRoot(), this.#surroundings);
    this.#busy.add(environment);
    const requestId = options.requestId ?? randomUUID();
    const at = this.#now();
    const trace = startTrace(configuration, options.traceHeader, at);
    const log: string[] = [];
    const say = (line: string) => {
      log.push(line);
      this.#events.onLine(configuration.name, line);
    };

    const { endpointUrl, network } = this.#surroundings;
    const reach = network.reach(configuration.vpc, endpointUrl());
    const event = { requestId, payload, traceHeader: trace.header, reach };
    const { result, ...times } = await this.#runLogged(environment, event, warm ? "warm" : "cold", say);
    await this.#release(environment);

    // What is killed in the middle leaves no trace of its own, but Lambda's segments are Lambda's.
    if (trace.sampled) {
      this.#events.onTrace(trace.documents({ start: at, end: this.#now(), requestId, failed: !result.ok }));
    }
    const invocation: Invocation = {
      functionName: configuration.name,
      requestId,
      attempt: options.attempt ?? 1,
      at,
      ...times,
      result,
      log,
      traceHeader: trace.header,
    };
    this.#events.onInvocation(invocation);
    return invocation;
  }

  /** Runs it with the lines that Lambda writes around what the function prints. */
  async #runLogged(
    environment: ExecutionEnvironment,
    event: Pick<InvokeMessage, "requestId" | "payload" | "traceHeader" | "reach">,
    start: "cold" | "warm",
    say: (line: string) => void,
  ): Promise<Pick<Invocation, "result" | "durationMs" | "initMs">> {
    const { arn: functionArn, timeoutMs, memoryMb } = this.configuration;
    const { requestId } = event;
    say(`START RequestId: ${requestId} Version: $LATEST`);
    const started = performance.now();
    const lines = lineSplitter(say);
    const result = await environment.run({ ...event, functionArn, timeoutMs }, lines.write);
    lines.end();
    const initMs = start === "warm" ? undefined : environment.initMs();
    const durationMs = Math.max(0, performance.now() - started - (initMs ?? 0));
    if (!result.ok) say(errorLine(result, requestId, this.#now()));
    say(`END RequestId: ${requestId}`);
    say(reportLine(requestId, durationMs, memoryMb, initMs));
    return { result, durationMs, ...(initMs !== undefined && { initMs }) };
  }

  /** The environment takes the next invocation, and the next that waits may try. */
  async #release(environment: ExecutionEnvironment): Promise<void> {
    this.#busy.delete(environment);
    if (this.#retired) await environment.stop();
    else if (environment.isUsable()) this.#idle.push(environment);
    this.#waiting.shift()?.();
  }
}

/** As Lambda logs them in its text format. */
function errorLine(result: Extract<RunResult, { ok: false }>, requestId: string, now: number): string {
  const at = new Date(now).toISOString();
  if (result.ended === "time-out") {
    return `${at} ${requestId} ${result.error.errorMessage.replace(/^.*Error: /, "")}`;
  }
  if (result.ended === "crash") {
    return `RequestId: ${requestId} Error: ${result.error.errorMessage}\n${result.error.errorType}`;
  }
  return `${at}\t${requestId}\tERROR\tInvoke Error \t${JSON.stringify(result.error)}`;
}

function reportLine(
  requestId: string,
  durationMs: number,
  memoryMb: number,
  initMs: number | undefined,
): string {
  const billed = Math.ceil(durationMs + (initMs ?? 0));
  const init = initMs === undefined ? "" : `\tInit Duration: ${initMs.toFixed(2)} ms`;
  return `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billed} ms\tMemory Size: ${memoryMb} MB${init}`;
}

/** Cuts output into lines, wherever its pieces were cut. */
function lineSplitter(say: (line: string) => void): { write: (text: string) => void; end: () => void } {
  let rest = "";
  return {
    write(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) say(line);
    },
    end() {
      if (rest) say(rest);
      rest = "";
    },
  };
}
