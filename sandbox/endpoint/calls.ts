/** A function's execution environment, seen from the endpoint: the one that signed with its access key. */
export interface Caller {
  readonly functionName: string;
  /** Functions of two regions may have the same name. */
  readonly functionArn?: string;
  /** The invocation it is busy with. */
  requestId(): string | undefined;
  /** Ends it at once, as when the process is killed: no log, no answer, the next invocation is cold. */
  crash(): Promise<void>;
}

/** Execution environments by the access key id they sign with. */
export type Callers = Map<string, Caller>;

/** One AWS call as the endpoint saw it. */
export interface Call {
  /** The signing name, for example `kinesis`. */
  readonly service: string;
  /** AWS's name of the operation, or `METHOD /path` where the request does not name one. */
  readonly operation: string;
  /** Milliseconds since the epoch on the sandbox's clock. */
  readonly at: number;
  /** Absent when a client outside called. */
  readonly functionName?: string;
  readonly functionArn?: string;
  readonly requestId?: string;
  /** The ARNs of what a function's call is on, as far as the request names them. */
  readonly resources?: readonly string[];
  /** Real milliseconds, comparable between calls only. */
  readonly startedMs: number;
  endedMs?: number;
  /** The HTTP status; absent while it runs and where it was never answered. */
  status?: number;
  /** The kind of fault that was injected into it. */
  fault?: string;
}

/** @param status of the answer; absent where there was none */
export function endCall(call: Call, status?: number): void {
  call.endedMs = performance.now();
  if (status !== undefined) call.status = status;
}

/** Older calls are forgotten, so that a sandbox that stays up does not grow. */
const KEPT = 20_000;

/** The calls that went through the endpoint, in the order they came. */
export class Calls {
  #calls: Call[] = [];

  add(call: Call): void {
    this.#calls.push(call);
    if (this.#calls.length > KEPT) this.#calls = this.#calls.slice(-KEPT / 2);
  }

  all(): readonly Call[] {
    return this.#calls;
  }

  where(
    filter: Partial<Pick<Call, "service" | "operation" | "functionName" | "requestId">>,
  ): readonly Call[] {
    const wanted = Object.entries(filter);
    return this.#calls.filter((call) => wanted.every(([key, value]) => call[key as keyof Call] === value));
  }

  clear(): void {
    this.#calls = [];
  }
}

/**
 * How many rounds one after the other the calls took: the longest row in which each began after the one
 * before had ended. Calls under way at the same time are one round. Give the endpoint a `latencyMs`, so that
 * calls sent together are seen together.
 */
export function rounds(calls: readonly Call[]): number {
  let count = 0;
  let lastEnd = Number.NEGATIVE_INFINITY;
  const byEnd = calls.toSorted((a, b) => (a.endedMs ?? Infinity) - (b.endedMs ?? Infinity));
  for (const call of byEnd) {
    if (call.startedMs < lastEnd) continue;
    count += 1;
    lastEnd = call.endedMs ?? Infinity;
  }
  return count;
}
