import { type ErrorContext, RetryLater } from "../../lambda/errors.ts";

/** The API server's `Status` object, as far as we read it. */
export interface ApiStatus {
  /** The HTTP status. */
  readonly status: number;
  /** For example `NotFound`, `Conflict`, `TooManyRequests`; empty when the body was no `Status`. */
  readonly reason: string;
  readonly message: string;
  /** `details.causes`, for example the reason `DisruptionBudget` with the budget's name in the message. */
  readonly causes: readonly { readonly reason: string; readonly message: string }[];
  /** Seconds the server asks us to wait, if it said so. */
  readonly retryAfterSeconds?: number;
}

/** Gone already, changed by somebody else, held back by a budget (or busy): the callers go on from these. */
const EXPECTED_STATUS: ReadonlySet<number> = new Set([404, 409, 429]);

/** The answer's status and reason, for traces, where it is one that the callers expect. */
export function expectedAnswer({ status, reason }: Pick<ApiStatus, "status" | "reason">): string | undefined {
  return EXPECTED_STATUS.has(status) ? `${status} ${reason}`.trim() : undefined;
}

/** The API server answered with an error other than 401 and 403. The caller that expects one reads `status`. */
export class KubernetesError extends RetryLater {
  readonly status: ApiStatus;

  constructor(message: string, status: ApiStatus, context: ErrorContext = {}) {
    super(message, { ...context, answer: expectedAnswer(status) });
    this.status = status;
  }
}

/** True for an API answer with this HTTP status. */
export const hasStatus = (error: unknown, status: number): error is KubernetesError =>
  error instanceof KubernetesError && error.status.status === status;
