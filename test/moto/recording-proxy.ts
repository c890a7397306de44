import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { cbor } from "@smithy/core/cbor";
import { credentialScope } from "../../sandbox/endpoint/credential-scope.ts";
import { flatHeaders, operationOf } from "../../sandbox/endpoint/endpoint.ts";
import { createUpstream } from "../../sandbox/endpoint/upstream.ts";
import { type AwsRequest, DEFAULT_REGION } from "../../sandbox/service.ts";

export interface RecordingProxy {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** What was called since this was asked last, with how it ended: `kinesis:DescribeStreamSummary ok`. */
  take(): string[];
  stop(): Promise<void>;
}

/** Hands every call on to an AWS on this machine, and keeps which call it was and how it was answered. */
export async function startRecordingProxy(port: number): Promise<RecordingProxy> {
  const upstream = createUpstream(port);
  let calls: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
    const request: AwsRequest = {
      method: incoming.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      headers: flatHeaders(incoming),
      body: await buffer(incoming),
      region: DEFAULT_REGION,
    };
    const answer = await upstream.forward(request);
    const service = credentialScope(request.headers, request.query)?.service ?? "unsigned";
    calls.push(`${service}:${operationOf(request)} ${answer.status < 400 ? "ok" : errorCode(answer)}`);
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    take() {
      const taken = calls;
      calls = [];
      return taken;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await upstream.stop();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** `ConditionalCheckFailedException`, wherever its protocol puts it; the status where there is none. */
function errorCode({ status, headers, body }: Answer): string {
  const named = headers["x-amzn-errortype"] ?? errorType(headers["content-type"] ?? "", body);
  return named?.split(":")[0]?.split("#").at(-1) ?? String(status);
}

function errorType(contentType: string, body: Buffer): string | undefined {
  if (/xml/.test(contentType)) return /<Code>([^<]+)/.exec(body.toString("utf8"))?.[1];
  // Moto answers what it fails at with a page of Flask.
  if (/html/.test(contentType)) return undefined;
  const decoded: unknown = /cbor/.test(contentType)
    ? cbor.deserialize(body)
    : JSON.parse(body.toString("utf8") || "{}");
  if (typeof decoded !== "object" || decoded === null || !("__type" in decoded)) return undefined;
  return String(decoded.__type);
}
