import { authorizationFor, internalRequest } from "../endpoint/internal-request.ts";
import { createUpstream, type Upstream } from "../endpoint/upstream.ts";
import { bodyFormat } from "./body.ts";
import type { KinesisThread } from "./server/thread.ts";

/** A call of our own to `kinesis-local`, in AWS JSON: the answer, or undefined where it refuses. */
export type CallKinesis = (
  operation: string,
  input: object,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

/**
 * `kinesis-local` in its thread, which starts with the first call. It reads the region, and from a key of twelve digits the account, from the
 * signature, and keeps the streams of each apart. The sandbox is one account, whoever signs.
 */
export function createKinesisUpstream({ port }: Pick<KinesisThread, "port">, region: string): Upstream {
  let upstream: Promise<Upstream> | undefined;
  const authorization = authorizationFor("kinesis", region);
  return {
    forward: async (request) => {
      upstream ??= port().then(createUpstream);
      const headers = { ...request.headers, authorization };
      return (await upstream).forward({ ...request, query: new URLSearchParams(), headers });
    },
    stop: async () => (await upstream?.catch(() => undefined))?.stop(),
  };
}

export function createCall(upstream: Upstream, region: string): CallKinesis {
  return async (operation, input) => {
    const response = await upstream.forward(
      internalRequest(`Kinesis_20131202.${operation}`, "kinesis", input, region),
    );
    if (response.status >= 400) return undefined;
    return response.body.length > 0 ? bodyFormat({}).decode(response.body) : {};
  };
}
