import { isThrottlingError, isTransientError } from "@smithy/core/retry";
import { messageOf } from "../errors/message-of.ts";
import { Blocked, Misconfigured, ReflexError, RetryLater } from "../lambda/errors.ts";

/** Errors that stay until a person changes something outside Reflex, by what that is. */
const BLOCKED: readonly { readonly names: RegExp; readonly remedy: string }[] = [
  {
    // Of a customer key: it is disabled, being deleted or gone, or its policy does not name the role.
    names:
      /^Kms\.?(?:AccessDenied|(?:Key)?Disabled|InvalidState|InvalidKeyUsage|(?:Key)?NotFound|OptInRequired)|^(?:En|De)cryptionFailure/i,
    remedy: "the KMS key must be enabled and its policy must let the role use it",
  },
  {
    names:
      /^(?:ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|MissingAuthenticationToken|TokenRefreshRequired|InvalidGrant|InvalidIdentityToken|AuthFailure|IncompleteSignature|SignatureDoesNotMatch|InvalidSignature|InvalidSecurity(?:Exception)?$|(?:Credentials|Token)?ProviderError$)/,
    remedy: "AWS does not accept the credentials",
  },
  {
    names:
      /^(?:OptInRequired|SubscriptionRequired|OptedOut|EndpointDisabled|AllAccessDisabled|AccountProblem|AccountNotActive|AccountSuspended|NotSignedUp|RegionDisabled)/,
    remedy: "the account must be active, and signed up for the service in this region",
  },
  {
    names:
      /^(?:ServiceQuotaExceeded|ResourceLimitExceeded|VcpuLimitExceeded|InstanceLimitExceeded|MaxSpotInstanceCountExceeded|ENILimitReached|OverQuota)/,
    remedy: "the account's quota must be raised",
  },
  {
    names: /^SubnetIPAddressLimitReached/,
    remedy: "the function's subnets need more addresses",
  },
  {
    names: /^ServiceLinkedRoleFailure/,
    remedy: "the service's own role must exist, and may have been deleted",
  },
  {
    names: /AccessDenied|^(?:Client\.)?(?:Unauthorized|AuthorizationError|NotAuthorized|Forbidden)/,
    remedy: "the role needs this permission",
  },
];

/**
 * Errors that pass by themselves and that the SDK does not name: it retries by status and by its own short list
 * (`isThrottlingError`, `isTransientError`).
 */
const TRANSIENT =
  /Throttl|^(?:Internal|ServiceUnavailable|ServerException$|ServiceException$|AbortError$|RequestExpired|RequestTimeTooSkewed|OverLimit$|EC2UnexpectedException|ConcurrentModification|ConcurrentAccess|OperationAborted|TransactionConflict|ReplicatedWriteConflict|Idempotent(?:Call|Operation)InProgress|PurgeQueueInProgress|ResourceConflict|ConflictException$|ConflictingOperation|ResourceContention|Unavailable$|UnfulfillableCapacity|Insufficient\w*Capacity|KMSInternal|IDPCommunicationError|DependencyTimeout|ExpiredIterator|RequestCanceled|(?:AWS\.SimpleQueueService\.)?QueueDeletedRecently)|(?:InUse|InProgress|NotReady|ContentionFault|PropagationDelayException)(?:Exception|Fault)?$/;

/**
 * An AWS error as one of our classes, by what to do about it, keeping its name, the call and the resource.
 * Errors that are ours already pass through. Throttling, a 5xx, a conflict with another change and a broken connection
 * are `RetryLater`. What a person has to change outside Reflex is `Blocked`. The rest is `Misconfigured`: AWS says the
 * request was wrong, or Reflex is, and neither passes by itself.
 *
 * @param call for example `kinesis:UpdateShardCount`
 */
export function asFailure(error: unknown, call: string, resource: string): ReflexError {
  if (error instanceof ReflexError) return error;
  const name = error instanceof Error ? error.name : "Unknown";
  // AWS ends some of its messages with a full stop: a sentence follows.
  const said = messageOf(error).replace(/\.$/, "");
  const context = { call, resource, cause: error };
  const what = `${call} for ${resource} failed with ${name}: ${said}`;
  // First: `InvalidSignatureException` passes when the signature had expired, and blocks otherwise.
  if (isTransient(error, name)) {
    return new RetryLater(`${what}. The next run tries again${networkHint(error, call)}`, context);
  }
  if (error instanceof Error && isUntrusted(error)) {
    return new Blocked(
      `${what}. Nothing was changed; Node must trust who answers: a proxy's authority stands in NODE_EXTRA_CA_CERTS`,
      context,
    );
  }
  const blocked = BLOCKED.find(({ names }) => names.test(name));
  if (blocked) return new Blocked(`${what}. Nothing was changed; ${blocked.remedy}`, context);
  return new Misconfigured(`${what}. It will fail again until that is corrected`, context);
}

/** Where a VPC leads nowhere, nobody refuses: the connection is not established in time. */
function networkHint(error: unknown, call: string): string {
  const isUnconnected =
    error instanceof Error &&
    (/did not establish a connection/.test(error.message) ||
      ("code" in error && /^E(?:TIMEDOUT|HOSTUNREACH|NETUNREACH)$/.test(String(error.code))));
  if (!isUnconnected) return "";
  const [service, operation] = call.split(":");
  const endpoint = operation === undefined ? "the service" : service;
  return `. In a VPC the function needs a NAT gateway or an endpoint of ${endpoint} (docs/accounts.md)`;
}

function isTransient(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  return (
    (isSdkError(error) && (isThrottlingError(error) || isTransientError(error))) ||
    TRANSIENT.test(name) ||
    (statusOf(error) ?? 0) >= 500 ||
    isConnectionError(error)
  );
}

type SdkError = Parameters<typeof isTransientError>[0];

/** What the SDK's classification reads beside the name may be there or not; a cause must be an error. */
const isSdkError = (error: Error): error is SdkError =>
  error.cause === undefined || error.cause instanceof Error;

/**
 * Node's errors of sockets and names have their system's code: `ECONNRESET`, `ENOTFOUND`; those of TLS, HTTP and
 * compression their library's. Its own others, such as `ERR_MODULE_NOT_FOUND`, and a file that is not there do not pass by
 * themselves.
 */
const isConnectionError = (error: Error): boolean =>
  /^(?:E(?!RR_|NOENT$|NOTDIR$|ISDIR$)[A-Z_]+|ERR_(?:SSL|HTTP2|SOCKET|STREAM)_\w+|UND_ERR_\w+|HPE_\w+|Z_\w+)$/.test(
    codeOf(error),
  );

/** Whoever answers is not AWS, or not to be told from it: a proxy that opens TLS has a certificate of its own. */
const isUntrusted = (error: Error): boolean =>
  /^(?:CERT_\w+|UNABLE_TO_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|ERR_TLS_CERT_\w+)$/.test(codeOf(error));

const codeOf = (error: Error): string => ("code" in error ? String(error.code) : "");

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const { $metadata } = error;
  if (typeof $metadata !== "object" || $metadata === null || !("httpStatusCode" in $metadata))
    return undefined;
  return typeof $metadata.httpStatusCode === "number" ? $metadata.httpStatusCode : undefined;
}
