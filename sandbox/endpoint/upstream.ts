import { Agent, request as httpRequest } from "node:http";
import type { AwsRequest, AwsResponse } from "../service.ts";

export interface Upstream {
  forward(request: AwsRequest): Promise<UpstreamResponse>;
  /** Waits for the answers still to come (a database that is closed beneath a request throws), then hangs up. */
  stop(): Promise<void>;
}

/** As `AwsResponse`, with the bytes at hand. */
export interface UpstreamResponse extends AwsResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Headers that hold for one connection only (RFC 9110), or that the sender writes anew. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "expect",
  "keep-alive",
  "transfer-encoding",
]);

/** Hands requests on to a server on this machine, over connections kept alive. */
export function createUpstream(port: number): Upstream {
  const agent = new Agent({ keepAlive: true });
  const underWay = new Set<Promise<unknown>>();

  function send({ method, path, query, headers, body }: AwsRequest): Promise<UpstreamResponse> {
    return new Promise((resolve, reject) => {
      const search = query.size > 0 ? `?${query}` : "";
      const outgoing = httpRequest(
        {
          agent,
          host: "127.0.0.1",
          port,
          method,
          path: `${path}${search}`,
          headers: { ...forwarded(headers), "content-length": body.length },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () =>
            resolve({
              status: incoming.statusCode ?? 502,
              headers: forwarded(incoming.headers),
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  return {
    forward: (request) => {
      const sending = send(request).finally(() => underWay.delete(sending));
      underWay.add(sending);
      return sending;
    },
    stop: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay);
      agent.destroy();
    },
  };
}

function forwarded(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !NOT_FORWARDED.has(name)) kept[name] = String(value);
  }
  return kept;
}
