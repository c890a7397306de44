import { lookup as lookUpName } from "node:dns";
import { type ClientRequest, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isInRanges, notPublic, type Range } from "./address-range.ts";

/** One POST, and what becomes of it. */
export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpReply {
  readonly status: number;
  /** What Retry-After asks for; 0 where it asks for nothing. */
  readonly retryAfterSeconds: number;
  /** The beginning of the body. */
  readonly text: string;
}

export type HttpPost = (request: HttpRequest, signal: AbortSignal) => Promise<HttpReply>;

/** An address that nothing may be sent to. */
export class BlockedAddress extends Error {
  override readonly name = "BlockedAddress";
}

/** A chat that does not answer within this is tried again later. */
export const POST_TIMEOUT_MS = 10_000;
const MOST_REPLY_BYTES = 2048;

/**
 * Posts over a connection of its own, to the address that was checked and no other; follows no redirect. Whoever may
 * write the config or a secret must not reach what only trusts its own network: the metadata service, a VPC.
 *
 * @param allowed networks that may be reached although they are not public; only these without TLS
 */
export function createHttpPost(allowed: readonly Range[]): HttpPost {
  return (request, signal) =>
    new Promise((resolve, reject) => {
      const { url, headers, body } = request;
      const host = url.hostname.replace(/^\[|\]$/g, "");
      const problem = isIP(host) ? problemOf(host, url, allowed) : undefined;
      if (problem !== undefined) {
        reject(new BlockedAddress(problem));
        return;
      }
      const send = url.protocol === "https:" ? requestHttps : requestHttp;
      const sent: ClientRequest = send(url, {
        method: "POST",
        agent: false,
        lookup: checkedLookup(url, allowed),
        headers: {
          "content-type": "application/json",
          "user-agent": "Reflex",
          "content-length": String(Buffer.byteLength(body)),
          ...headers,
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(POST_TIMEOUT_MS)]),
      });
      sent.on("error", reject);
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const finish = () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfterSeconds: secondsOf(response.headers["retry-after"], response.headers.date),
            text: Buffer.concat(chunks).toString("utf8").slice(0, MOST_REPLY_BYTES),
          });
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size < MOST_REPLY_BYTES) return;
          response.destroy();
          finish();
        });
        response.on("end", finish);
        // What it answered stands in the status: a body that never ends, or breaks off, changes nothing about that.
        response.on("error", finish);
      });
      sent.end(body);
    });
}

/** Looks a name up and lets only addresses through that may be connected to. */
function checkedLookup(url: URL, allowed: readonly Range[]): LookupFunction {
  return (hostname, options, callback) => {
    lookUpName(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, "", 0);
      const problems = found.map(({ address }) => problemOf(address, url, allowed));
      const open = found.filter((_, at) => problems[at] === undefined);
      const [first] = open;
      if (!first) return callback(new BlockedAddress(problems[0] ?? `${hostname} has no address`), "", 0);
      if (options.all === true) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}

function problemOf(address: string, { protocol }: URL, allowed: readonly Range[]): string | undefined {
  const problem = notPublic(address, allowed);
  if (problem !== undefined) return `${problem}; notify.allow can let it through`;
  if (protocol === "https:" || isInRanges(address, allowed)) return undefined;
  return "an address without TLS is only for networks of notify.allow";
}

/** Retry-After has seconds, or a date, which is measured from the answer's own. */
function secondsOf(header = "", date = ""): number {
  const seconds = /^[\d.]+$/.test(header) ? Number(header) : (Date.parse(header) - Date.parse(date)) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 0;
}
