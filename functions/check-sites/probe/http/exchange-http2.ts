import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
} from "node:http2";
import type { Socket } from "node:net";
import { messageOf } from "../../../../shared/errors/message-of.ts";
import { once } from "../../../../shared/lambda/once.ts";
import { codeOf, ProbeError } from "../net/probe-error.ts";
import { type Answer, type Head, IncomingAnswer } from "./answer.ts";
import type { ExchangeOptions, ExchangeRequest, Settle } from "./exchange.ts";
import { headerText } from "./head.ts";
import { MAX_HEAD_BYTES } from "./response-parser.ts";

/** Headers that HTTP/2 does not have (RFC 9113 8.2.2), or has as a pseudo-header. */
const NOT_IN_HTTP2: ReadonlySet<string> = new Set([
  "connection",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** As much of a head as in HTTP/1; Node alone takes 128 headers. */
const LIMITS = {
  maxHeaderListPairs: 5000,
  settings: { enablePush: false, maxHeaderListSize: MAX_HEAD_BYTES },
};

/** Loaded for the first server that speaks nothing else, and once: even a module that is loaded costs time. */
const http2 = once(() => import("node:http2"));

/** One HTTP/2 request and its answer on a connection that is ready, which is closed with it. */
export async function exchangeHttp2(
  socket: Socket,
  request: ExchangeRequest,
  options: ExchangeOptions,
): Promise<Answer> {
  const { connect } = await http2();
  const session = connect(request.url.origin, { ...LIMITS, createConnection: () => socket });
  session.on("error", () => {});
  try {
    return await options.deadline.step<Answer>(
      (done, failed) => sendAndRead(session, request, options, { done, failed }),
      () => session.destroy(),
    );
  } finally {
    // In this order: the close of the connection says all that a GOAWAY would.
    socket.destroy();
    session.destroy();
  }
}

function sendAndRead(
  session: ClientHttp2Session,
  request: ExchangeRequest,
  { phases, ...listener }: ExchangeOptions,
  { done, failed }: Settle,
): void {
  const incoming = new IncomingAnswer(listener);
  const fail = (error: unknown) => failed(error instanceof ProbeError ? error : cut(incoming, error));
  const onEnd = () => fail(undefined);

  phases.enter("processing");
  const stream = session.request(headersOf(request), { endStream: request.body === undefined });
  const isEnded = watchEnd(stream, () => finishIfWhole());
  const finishIfWhole = () => {
    const answer = isEnded() || incoming.isEnough ? incoming.toAnswer() : undefined;
    if (!answer) return;
    // Whatever comes now is nobody's.
    stream.off("end", onEnd).off("error", fail);
    session.off("error", fail).off("close", onEnd);
    done(answer);
  };
  stream.once("response", (headers) => {
    phases.enter("transfer");
    incoming.takeHead(headOf(headers));
    finishIfWhole();
  });
  stream.on("data", (chunk: Buffer) => {
    try {
      incoming.takeBody(chunk);
      if (incoming.isEnough) finishIfWhole();
    } catch (error) {
      fail(error);
    }
  });
  // Behind an answer that is whole, this comes too late to change it.
  stream.once("end", onEnd);
  stream.on("error", () => {}).on("error", fail);
  session.once("error", fail);
  session.once("close", onEnd);
  if (request.body !== undefined) stream.end(request.body);
}

/**
 * Whether the server has ended the stream itself (END_STREAM); `onEnded` is called at once when it does, before the
 * frames behind it are read. Node has no event for that: a stream that is reset with NO_ERROR in the middle of its body
 * has the same `end`, but is closed before it.
 */
function watchEnd(stream: ClientHttp2Stream, onEnded: () => void): () => boolean {
  let isEnded = false;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    const isEnd = chunk === null && !stream.closed && !isEnded;
    const isMoreWanted = push(chunk, encoding);
    if (isEnd) {
      isEnded = true;
      onEnded();
    }
    return isMoreWanted;
  };
  return () => isEnded;
}

function headersOf({ url, method, headers }: ExchangeRequest) {
  const own = Object.entries(headers).filter(([name]) => !NOT_IN_HTTP2.has(name));
  return {
    ":method": method,
    ":path": `${url.pathname}${url.search}`,
    ":scheme": "https",
    ":authority": headers.host ?? url.host,
    ...Object.fromEntries(own),
  };
}

function headOf({ ":status": status = 0, ...headers }: IncomingHttpHeaders & IncomingHttpStatusHeader): Head {
  const { "set-cookie": setCookies = [] } = headers;
  const joined = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || name.startsWith(":")
      ? []
      : [[name, headerText(Array.isArray(value) ? value.join(", ") : value)]],
  );
  return { status, protocol: "HTTP/2", headers: Object.fromEntries(joined), setCookies };
}

function cut(incoming: IncomingAnswer, error: unknown): ProbeError {
  const why = error === undefined ? "" : ` (${codeOf(error) || messageOf(error)})`;
  return incoming.cut(why);
}
