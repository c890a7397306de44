import { authorizationFor, internalRequest } from "../endpoint/internal-request.ts";
import { createUpstream, type Upstream } from "../endpoint/upstream.ts";
import { bodyFormat } from "./body.ts";

/** A call of our own to `kinesis-local`, in AWS JSON: the answer, or undefined where it refuses. */
export type CallKinesis = (
  operation: string,
  input: object,
) => Promise<Readonly<Record<string, unknown>> | undefined>;

/**
 * `kinesis-local` reads the region, and from a key of twelve digits the account, from the signature, and keeps
 * the streams of each apart. The sandbox is one account in one region, whoever signs.
 */
const AUTHORIZATION = authorizationFor("kinesis");

/** `kinesis-local` at a port of this machine. */
export function createKinesisUpstream(port: number): Upstream {
  const upstream = createUpstream(port);
  return {
    forward: (request) => {
      const headers = { ...request.headers, authorization: AUTHORIZATION };
      return upstream.forward({ ...request, query: new URLSearchParams(), headers });
    },
    stop: upstream.stop,
  };
}

export function createCall(upstream: Upstream): CallKinesis {
  return async (operation, input) => {
    const response = await upstream.forward(
      internalRequest(`Kinesis_20131202.${operation}`, "kinesis", input),
    );
    if (response.status >= 400) return undefined;
    return response.body.length > 0 ? bodyFormat({}).decode(response.body) : {};
  };
}
