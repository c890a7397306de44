import { createServer, type IncomingHttpHeaders } from "node:http";
import { closeServer, listenOn } from "../wire/listen.ts";

/** A request as a chat, a pager or a webhook got it. */
export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** How it was answered. */
  readonly status: number;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Stands in for Slack, Teams, PagerDuty and receivers of one's own: takes what is posted, or answers as the test sets it. */
export interface Receiver {
  readonly url: string;
  /** Oldest first, those it refused included. */
  readonly requests: readonly ReceivedRequest[];
  /** The bodies that it took at a path, oldest first. */
  taken(path: string): unknown[];
  /** The next requests at a path are answered so, one each; then it takes them again. */
  replyNext(path: string, ...replies: readonly Reply[]): void;
  stop(): Promise<void>;
}

/** What each vendor says when it takes a message. */
const TAKEN: Readonly<Record<string, Reply>> = {
  "/v2/enqueue": { status: 202, body: '{"status":"success","message":"Event processed"}' },
  "/v2/change/enqueue": { status: 202, body: '{"status":"success","message":"Change event processed"}' },
};
const OK: Reply = { status: 200, body: "ok" };

export async function startReceiver(): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const replies = new Map<string, Reply[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = request.url ?? "/";
      const { status, headers = {}, body = "" } = replies.get(path)?.shift() ?? TAKEN[path] ?? OK;
      requests.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString("utf8"), status });
      response.writeHead(status, { ...headers, connection: "close" }).end(body);
    });
  });
  const port = await listenOn(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    taken: (path) =>
      requests
        .filter((one) => one.path === path && one.status < 300)
        .map(({ body }): unknown => JSON.parse(body)),
    replyNext: (path, ...next) => void replies.set(path, [...(replies.get(path) ?? []), ...next]),
    stop: () => closeServer(server),
  };
}
