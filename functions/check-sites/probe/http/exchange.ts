import type { Socket } from "node:net";
import { tlsError } from "../net/connect.ts";
import type { Deadline } from "../net/deadline.ts";
import type { PhaseRecorder } from "../net/phases.ts";
import { codeOf, ProbeError } from "../net/probe-error.ts";
import type { Answer, AnswerBody, Head } from "./answer.ts";
import { cutBody, ResponseParser } from "./response-parser.ts";

export interface ExchangeRequest {
  readonly url: URL;
  readonly method: string;
  /** Complete, `host` included: nothing is added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ExchangeOptions {
  readonly deadline: Deadline;
  readonly phases: PhaseRecorder;
  /** Takes the body, as much of it as is wanted of this answer. */
  bodyFor(head: Head): AnswerBody;
  /** Called with the head at once: it is known even if the body never comes. */
  onHead(head: Head): void;
}

/**
 * One HTTP/1 request and its answer on a connection that is ready, which is closed with it. Once the answer is
 * complete, nothing that the other side does changes it.
 */
export function exchange(
  socket: Socket,
  request: ExchangeRequest,
  options: ExchangeOptions,
): Promise<Answer> {
  const { deadline, phases, bodyFor, onHead } = options;
  return deadline.step<Answer>(
    (done, failed) => {
      const irregularities = new Set<string>();
      let head: Head | undefined;
      let body: AnswerBody | undefined;
      const parser = new ResponseParser(request.method, {
        onHead: (raw) => {
          head = raw;
          onHead(raw);
          body = bodyFor(raw);
        },
        onBody: (chunk) => body?.push(chunk),
        onIrregularity: (text) => irregularities.add(text),
      });
      const finish = (settle: () => void): void => {
        socket.removeAllListeners("data");
        socket.removeAllListeners("end");
        socket.destroy();
        settle();
      };
      const settleIfDone = (): void => {
        if (!head || !body || !(parser.isDone || body.isEnough)) return;
        const answer = { head, body: body.bytes, irregularities: [...irregularities] };
        finish(() => done(answer));
      };
      const attempt = (step: () => void): void => {
        try {
          step();
          settleIfDone();
        } catch (error) {
          finish(() => failed(error));
        }
      };

      if (socket.destroyed) {
        failed(connectionError(undefined, head, body));
        return;
      }
      phases.enter("processing");
      socket.once("data", () => phases.enter("transfer"));
      socket.on("data", (data: Buffer) => attempt(() => parser.push(data)));
      socket.once("end", () => attempt(() => parser.end()));
      socket.on("error", (error) => finish(() => failed(connectionError(error, head, body))));
      socket.once("close", () => finish(() => failed(connectionError(undefined, head, body))));
      socket.write(messageOf(request));
    },
    () => socket.destroy(),
  );
}

function messageOf({ url, method, headers, body }: ExchangeRequest): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n`,
    "latin1",
  );
  return body === undefined ? head : Buffer.concat([head, Buffer.from(body)]);
}

function connectionError(error: unknown, head: Head | undefined, body: AnswerBody | undefined): ProbeError {
  const code = codeOf(error);
  if (head) return cutBody(body?.bytesRead ?? 0);
  // TLS 1.3 asks for a client certificate late: its alert comes where the answer should.
  if (code.startsWith("ERR_SSL")) return tlsError(error);
  return new ProbeError(
    "truncated",
    `the connection was closed without an answer${code ? ` (${code})` : ""}`,
  );
}
