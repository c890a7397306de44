/**
 * Faults on order: which call, how many times, and what happens to it. The endpoint applies them to any
 * service, so a test or a user can see what an automation does when AWS misbehaves.
 */

/** What happens to the call. */
export type FaultKind =
  /** Refused with the service's own throttling error; nothing is done. */
  | "throttle"
  /** Answered with an internal error (500); nothing is done. */
  | "server-error"
  /** Never answered, until the client gives up; nothing is done. */
  | "time-out"
  /** Done, and then the connection is cut before the answer. */
  | "lost-answer"
  /** The calling function is killed; nothing is done. */
  | "crash-before"
  /** Done, and then the calling function is killed before it sees the answer. */
  | "crash-after"
  /** Done, and then the Kinesis stream stays UPDATING for `forMs` of the sandbox's time. */
  | "updating";

export interface Fault {
  readonly kind: FaultKind;
  /** The signing name, for example `kinesis`, `dynamodb`, `monitoring`. */
  readonly service: string;
  /** AWS's name of the operation; every operation when absent. */
  readonly operation?: string;
  /** Only calls of this function; any caller's when absent. */
  readonly functionName?: string;
  /** So many matching calls pass unharmed first. 0 when absent. */
  readonly after?: number;
  /** How many calls it hits. 1 when absent. */
  readonly times?: number;
  /** For `updating`: milliseconds on the sandbox's clock. */
  readonly forMs?: number;
}

/** What a fault is looked up by. */
export interface FaultTarget {
  readonly service: string;
  readonly operation: string;
  readonly functionName?: string | undefined;
}

interface Standing {
  readonly fault: Fault;
  toPass: number;
  left: number;
}

/** What `inject` gives back: to see whether the fault was met, and to take it back. */
export interface Injected {
  /** How many calls it has hit. */
  hits(): number;
  remove(): void;
}

export class Faults {
  #standing: Standing[] = [];

  inject(fault: Fault): Injected {
    const times = fault.times ?? 1;
    const standing: Standing = { fault, toPass: fault.after ?? 0, left: times };
    this.#standing.push(standing);
    return {
      hits: () => times - standing.left,
      remove: () => {
        this.#standing = this.#standing.filter((other) => other !== standing);
      },
    };
  }

  /** The fault for this call, counted as met; among those for which `applies` holds. */
  take(target: FaultTarget, applies: (kind: FaultKind) => boolean): Fault | undefined {
    for (const standing of this.#standing) {
      const { fault } = standing;
      if (standing.left === 0 || !applies(fault.kind) || !matches(fault, target)) continue;
      if (standing.toPass > 0) {
        standing.toPass -= 1;
        continue;
      }
      standing.left -= 1;
      return fault;
    }
    return undefined;
  }

  clear(): void {
    this.#standing = [];
  }
}

function matches(fault: Fault, target: FaultTarget): boolean {
  return (
    fault.service === target.service &&
    (fault.operation === undefined || fault.operation === target.operation) &&
    (fault.functionName === undefined || fault.functionName === target.functionName)
  );
}
