import { Blocked, Misconfigured, ReflexError, RetryLater } from "../lambda/errors.ts";

const DENIED = new Set([
  "AccessDeniedException",
  "AccessDenied",
  "UnauthorizedOperation",
  "UnrecognizedClientException",
  "ExpiredTokenException",
  "AuthorizationError",
  "AuthorizationErrorException",
]);

const PASSING = new Set([
  "ThrottlingException",
  "Throttling",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "ProvisionedThroughputExceededException",
  "LimitExceededException",
  "ResourceInUseException",
  "InternalFailure",
  "InternalServerError",
  "InternalFailureException",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "TimeoutError",
  "AbortError",
]);

/**
 * An AWS error as one of our classes, by what to do about it, keeping its name, the call and the resource.
 * Errors that are ours already pass through. A 5xx and a broken connection are `RetryLater`. The rest is
 * `Misconfigured`: AWS says the request was wrong, or something of ours is, and neither goes by itself.
 *
 * @param call for example `kinesis:UpdateShardCount`
 */
export function asFailure(error: unknown, call: string, resource: string): ReflexError {
  if (error instanceof ReflexError) return error;
  const name = error instanceof Error ? error.name : "Unknown";
  const said = error instanceof Error ? error.message : String(error);
  const context = { call, resource, cause: error };
  const what = `${call} for ${resource} failed with ${name}: ${said}`;
  if (DENIED.has(name))
    return new Blocked(`${what}. Nothing was changed; the role needs this permission`, context);
  const status = statusOf(error);
  if (PASSING.has(name) || status === 429 || (status ?? 0) >= 500 || isConnectionError(error)) {
    return new RetryLater(`${what}. The next run tries again`, context);
  }
  return new Misconfigured(`${what}. It will fail again until that is corrected`, context);
}

/**
 * Node's errors of sockets and names have their system's code: `ECONNRESET`, `ENOTFOUND`. Its own, such as
 * `ERR_MODULE_NOT_FOUND`, do not pass by themselves.
 */
function isConnectionError(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^E(?!RR_)[A-Z_]+$/.test(String(error.code));
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const { $metadata } = error;
  if (typeof $metadata !== "object" || $metadata === null || !("httpStatusCode" in $metadata))
    return undefined;
  return typeof $metadata.httpStatusCode === "number" ? $metadata.httpStatusCode : undefined;
}
