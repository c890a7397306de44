import type { Refusal } from "../endpoint/refusal.ts";
import { ACCOUNT_ID } from "../service.ts";

/** UpdateShardCount calls a stream in any 24 hours. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html */
const RESHARDS_A_DAY = 10;

/** https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const A_DAY: Readonly<Record<string, number>> = { UpdateShardCount: RESHARDS_A_DAY, UpdateStreamMode: 2 };
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What AWS refuses and `kinesis-local` lets pass, on the sandbox's clock: a change while the stream is
 * UPDATING, the daily quotas, and UpdateShardCount on an on-demand stream.
 */
export interface StreamRules {
  status(stream: string, status: string): string;
  /**
   * Checks a change of a stream and takes its place, so that of two at once one is refused. The caller ends
   * it with `done` or `failed`.
   */
  begin(stream: string, operation: string, mode: string): Refusal | Change;
  /** Keeps the stream UPDATING for so long from now. */
  hold(stream: string, ms: number): void;
  forget(stream: string): void;
}

export interface Change {
  done(): void;
  failed(): void;
}

export function isRefusal(result: Refusal | Change): result is Refusal {
  return "status" in result;
}

/**
 * @param now the sandbox's clock, ms since the epoch
 * @param updatingMs how long a change takes: read at each change
 */
export function createStreamRules(now: () => number, updatingMs: () => number): StreamRules {
  const updatingUntil = new Map<string, number>();
  /** When each call with a daily quota was made, by stream and operation. */
  const counted = new Map<string, number[]>();
  const isUpdating = (stream: string) => (updatingUntil.get(stream) ?? 0) > now();

  return {
    status: (stream, status) => (status === "ACTIVE" && isUpdating(stream) ? "UPDATING" : status),

    begin(stream, operation, mode) {
      if (operation === "UpdateShardCount" && mode === "ON_DEMAND") {
        return refusal(
          "ValidationException",
          `Request is invalid. Stream ${stream} is in ON_DEMAND mode: UpdateShardCount is for PROVISIONED streams.`,
        );
      }
      if (isUpdating(stream)) {
        return refusal(
          "ResourceInUseException",
          `Stream ${stream} under account ${ACCOUNT_ID} not ACTIVE, instead in state UPDATING`,
        );
      }
      const quota = A_DAY[operation];
      const key = `${stream} ${operation}`;
      const lately = (counted.get(key) ?? []).filter((at) => at > now() - DAY_MS);
      if (quota !== undefined && lately.length >= quota) {
        return refusal(
          "LimitExceededException",
          `Rate exceeded for stream ${stream} under account ${ACCOUNT_ID}: ${operation} was called ${lately.length} times in the last 24 hours, and ${quota} are allowed.`,
        );
      }
      updatingUntil.set(stream, Number.POSITIVE_INFINITY);
      return {
        done: () => {
          updatingUntil.set(stream, now() + updatingMs());
          if (quota !== undefined) counted.set(key, [...lately, now()]);
        },
        failed: () => void updatingUntil.delete(stream),
      };
    },

    hold: (stream, ms) => void updatingUntil.set(stream, now() + ms),

    forget(stream) {
      updatingUntil.delete(stream);
      for (const operation of Object.keys(A_DAY)) counted.delete(`${stream} ${operation}`);
    },
  };
}

function refusal(code: string, message: string): Refusal {
  return { status: 400, code, message };
}
