import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { tlsError } from "../net/connect.ts";
import type { Deadline } from "../net/deadline.ts";
import type { PhaseRecorder } from "../net/phases.ts";
import { codeOf, messageOf, ProbeError } from "../net/probe-error.ts";

export interface ExchangeRequest {
  readonly url: URL;
  readonly method: string;
  /** Complete, `host` included: nothing is added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The answer's head, as soon as it is there. */
export interface Head {
  readonly status: number;
  readonly protocol: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ExchangeOptions {
  readonly deadline: Deadline;
  readonly phases: PhaseRecorder;
  /** The limit of bytes read of the body. */
  readonly maxBytes: number;
  /** Called with the head at once: it is known even if the body never comes. */
  onHead(head: Head): void;
  wantsBody(head: Head): boolean;
  onBytes(read: number): void;
}

/** An answer's head may have this many bytes; more is `too-large`. Node's default is 16 KiB. */
const MAX_HEAD_BYTES = 32 * 1024;

/**
 * One request and its answer on a connection that is ready. Gives the head, and the body as it came over the wire
 * (empty when it was not wanted). The connection is closed when the answer is whole or too large.
 */
export function exchange(
  socket: Socket,
  request: ExchangeRequest,
  options: ExchangeOptions,
): Promise<{ head: Head; body: Buffer }> {
  const { deadline, phases, maxBytes, onHead, wantsBody, onBytes } = options;
  return deadline.step<{ head: Head; body: Buffer }>(
    (done, failed) => {
      const end = (settle: () => void): void => {
        socket.destroy();
        settle();
      };
      const chunks: Buffer[] = [];
      let read = 0;
      let answer: IncomingMessage | undefined;

      phases.enter("processing");
      const sent = httpRequest({
        createConnection: () => socket,
        method: request.method,
        path: request.url.pathname + request.url.search,
        headers: { ...request.headers },
        setHost: false,
        maxHeaderSize: MAX_HEAD_BYTES,
      });
      sent.once("socket", () => {
        socket.prependOnceListener("data", () => phases.enter("transfer"));
      });
      sent.on("error", (error) => end(() => failed(answer ? bodyError(error, read) : headError(error))));
      sent.once("upgrade", (response: IncomingMessage) => {
        const head = headOf(response);
        onHead(head);
        end(() => done({ head, body: Buffer.alloc(0) }));
      });
      sent.once("response", (response) => {
        answer = response;
        const head = headOf(response);
        onHead(head);
        if (!wantsBody(head)) {
          end(() => done({ head, body: Buffer.alloc(0) }));
          return;
        }
        response.on("data", (chunk: Buffer) => {
          read += chunk.length;
          onBytes(read);
          if (read > maxBytes)
            end(() => failed(new ProbeError("too-large", `the body has more than ${maxBytes} bytes`)));
          else chunks.push(chunk);
        });
        response.once("error", (error) => end(() => failed(bodyError(error, read))));
        response.once("end", () =>
          end(() =>
            done({ head, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) }),
          ),
        );
      });
      sent.once("close", () => {
        const closed = new Error("closed");
        end(() => failed(answer ? bodyError(closed, read) : headError(closed)));
      });
      sent.end(request.body);
    },
    () => socket.destroy(),
  );
}

function headOf(response: IncomingMessage): Head {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return { status: response.statusCode ?? 0, protocol: `HTTP/${response.httpVersion}`, headers };
}

function headError(error: unknown): ProbeError {
  const code = codeOf(error);
  if (code === "HPE_HEADER_OVERFLOW") {
    return new ProbeError("too-large", `the answer's head has more than ${MAX_HEAD_BYTES} bytes`);
  }
  if (code.startsWith("HPE_"))
    return new ProbeError("header", `the answer is not HTTP: ${messageOf(error)} (${code})`);
  if (code.startsWith("ERR_SSL")) return tlsError(error);
  return new ProbeError(
    "truncated",
    `the connection was closed without an answer${code ? ` (${code})` : ""}`,
  );
}

function bodyError(error: unknown, read: number): ProbeError {
  const code = codeOf(error);
  if (code.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE") {
    return new ProbeError("body", `the body's chunks cannot be read: ${messageOf(error)} (${code})`);
  }
  return new ProbeError(
    "truncated",
    `the connection was closed in the middle of the body, after ${read} bytes`,
  );
}
