import type { ClientHttp2Session, IncomingHttpHeaders, IncomingHttpStatusHeader } from "node:http2";
import type { Socket } from "node:net";
import { messageOf } from "../../../../shared/errors/message-of.ts";
import { codeOf, ProbeError } from "../net/probe-error.ts";
import type { Answer, AnswerBody, Head } from "./answer.ts";
import type { ExchangeOptions, ExchangeRequest } from "./exchange.ts";
import { cutBody } from "./response-parser.ts";

/** Headers that HTTP/2 does not have (RFC 9113 8.2.2), or has as a pseudo-header. */
const NOT_IN_HTTP2: ReadonlySet<string> = new Set(["connection", "host"]);

/** One HTTP/2 request and its answer on a connection that is ready, which is closed with it. */
export async function exchangeHttp2(
  socket: Socket,
  request: ExchangeRequest,
  { deadline, phases, bodyFor, onHead }: ExchangeOptions,
): Promise<Answer> {
  // Loaded for the first server that speaks nothing else.
  const { connect } = await import("node:http2");
  const session = connect(request.url.origin, { createConnection: () => socket });
  session.on("error", () => {});
  try {
    return await deadline.step<Answer>(
      (done, failed) => {
        let head: Head | undefined;
        let body: AnswerBody | undefined;
        const fail = (error: unknown) =>
          failed(error instanceof ProbeError ? error : streamError(error, head, body));
        const finish = () => head && body && done({ head, body: body.bytes, irregularities: [] });

        phases.enter("processing");
        const stream = session.request(headersOf(request), { endStream: request.body === undefined });
        stream.once("response", (headers) => {
          phases.enter("transfer");
          const answered = headOf(headers);
          head = answered;
          onHead(answered);
          body = bodyFor(answered);
          if (body.isEnough) finish();
        });
        stream.on("data", (chunk: Buffer) => {
          try {
            body?.push(chunk);
            if (body?.isEnough) finish();
          } catch (error) {
            fail(error);
          }
        });
        stream.once("end", () => (head ? finish() : fail(undefined)));
        stream.on("error", fail);
        session.once("error", fail);
        session.once("close", () => fail(undefined));
        if (request.body !== undefined) stream.end(request.body);
      },
      () => session.destroy(),
    );
  } finally {
    closeSession(session, socket);
  }
}

function closeSession(session: ClientHttp2Session, socket: Socket): void {
  session.destroy();
  socket.destroy();
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
      : [[name, Array.isArray(value) ? value.join(", ") : value]],
  );
  return { status, protocol: "HTTP/2", headers: Object.fromEntries(joined), setCookies };
}

function streamError(error: unknown, head: Head | undefined, body: AnswerBody | undefined): ProbeError {
  if (head) return cutBody(body?.bytesRead ?? 0);
  const code = codeOf(error);
  const why = error === undefined ? "" : ` (${code || messageOf(error)})`;
  return new ProbeError("truncated", `the connection was closed without an answer${why}`);
}
