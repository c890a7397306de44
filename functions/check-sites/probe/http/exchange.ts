import type { Socket } from "node:net";
import { tlsError } from "../net/connect.ts";
import type { Deadline } from "../net/deadline.ts";
import type { PhaseRecorder } from "../net/phases.ts";
import { codeOf, type ProbeError } from "../net/probe-error.ts";
import { type Answer, type AnswerListener, IncomingAnswer } from "./answer.ts";
import { ResponseParser } from "./response-parser.ts";

export interface ExchangeRequest {
  readonly url: URL;
  readonly method: string;
  /** Complete, `host` included: nothing is added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ExchangeOptions extends AnswerListener {
  readonly deadline: Deadline;
  readonly phases: PhaseRecorder;
}

/** How an exchange ends. */
export interface Settle {
  readonly done: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
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
  return options.deadline.step<Answer>(
    (done, failed) => {
      if (socket.destroyed) failed(connectionError(undefined, new IncomingAnswer(options)));
      else sendAndRead(socket, request, options, { done, failed });
    },
    () => socket.destroy(),
  );
}

function sendAndRead(
  socket: Socket,
  request: ExchangeRequest,
  { phases, ...listener }: ExchangeOptions,
  { done, failed }: Settle,
): void {
  const incoming = new IncomingAnswer(listener);
  const parser = new ResponseParser(request.method, {
    onHead: (head) => incoming.takeHead(head),
    onBody: (chunk) => incoming.takeBody(chunk),
    onIrregularity: (text) => incoming.noteIrregularity(text),
  });
  const finish = (settle: () => void): void => {
    socket.removeAllListeners("data");
    socket.removeAllListeners("end");
    socket.off("close", onClose);
    socket.destroy();
    settle();
  };
  const onClose = () => finish(() => failed(connectionError(undefined, incoming)));
  const attempt = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      finish(() => failed(error));
      return;
    }
    const answer = parser.isDone || incoming.isEnough ? incoming.toAnswer() : undefined;
    if (answer) finish(() => done(answer));
  };

  phases.enter("processing");
  socket.once("data", () => phases.enter("transfer"));
  socket.on("data", (data: Buffer) => attempt(() => parser.push(data)));
  socket.once("end", () => attempt(() => parser.end()));
  socket.on("error", (error) => finish(() => failed(connectionError(error, incoming))));
  socket.once("close", onClose);
  socket.write(messageOf(request));
}

function messageOf({ url, method, headers, body }: ExchangeRequest): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n`,
    "latin1",
  );
  return body === undefined ? head : Buffer.concat([head, Buffer.from(body)]);
}

function connectionError(error: unknown, incoming: IncomingAnswer): ProbeError {
  const code = codeOf(error);
  // TLS 1.3 asks for a client certificate late: its alert comes where the answer should.
  if (!incoming.hasHead && code.startsWith("ERR_SSL")) return tlsError(error);
  return incoming.cut(code && ` (${code})`);
}
