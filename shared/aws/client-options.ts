import { NodeHttpHandler } from "@smithy/node-http-handler";

/**
 * The options every AWS client is made with, once per process and outside the handler:
 *
 * - HTTP/1.1 with kept-alive connections. `KinesisClient` would open a new HTTP/2 session for each call.
 * - Short time-outs: a call that hangs must not use up the invocation.
 * - Four attempts with the SDK's standard back-off (full jitter, a retry budget), unless `AWS_MAX_ATTEMPTS` says otherwise.
 *
 * `AWS_ENDPOINT_URL` and `AWS_MAX_ATTEMPTS` are honoured by the SDK itself.
 */
export function clientOptions({ maxSockets = 50, requestTimeoutMs = 10_000 } = {}) {
  return {
    ...(process.env.AWS_MAX_ATTEMPTS === undefined && { maxAttempts: 4 }),
    retryMode: "standard",
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2_000,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    }),
  };
}
