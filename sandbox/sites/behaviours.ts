import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";

/** What a site does with a connection. It is written at the level of bytes, so that a site can be as wrong as it likes. */
export type Behaviour = (request: SeenRequest, socket: Socket, timers: Timers) => void;

/** A request as the site received it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Timers that end with the site. */
export interface Timers {
  after(ms: number, task: () => void): void;
  every(ms: number, task: () => void): void;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A whole answer, `delayMs` after the request. */
export function answer({ status = 200, headers = {}, body = "ok\n" }: Answer = {}, delayMs = 0): Behaviour {
  const bytes = Buffer.from(body);
  const named = { "content-type": "text/plain", "content-length": String(bytes.length), ...headers };
  const lines = Object.entries(named).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines.join("")}connection: close\r\n\r\n`);
  const message = Buffer.concat([head, bytes]);
  return (_, socket, timers) => {
    if (delayMs > 0) timers.after(delayMs, () => socket.end(message));
    else socket.end(message);
  };
}

export function redirect(location: string, status = 302): Behaviour {
  return answer({ status, headers: { location }, body: "" });
}

/** Chooses by path; an unknown path is a 404. */
export function byPath(routes: Readonly<Record<string, Behaviour>>): Behaviour {
  return (request, socket, timers) =>
    (routes[request.path] ?? answer({ status: 404 }))(request, socket, timers);
}

/** Accepts the connection and never says anything. */
export const silence: Behaviour = () => {};

/** Closes the connection without an answer. */
export const hangUp: Behaviour = (_, socket) => {
  socket.destroy();
};

/** Promises 1,000 bytes of body and gives one every `everyMs`. */
export function drip(everyMs: number): Behaviour {
  return (_, socket, timers) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
    timers.every(everyMs, () => socket.write("."));
  };
}

/** Closes the connection in the middle of the body. */
export const cutBody: Behaviour = (_, socket) => {
  socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this much", () => socket.destroy());
};

/** Ends a chunked body without its last chunk. */
export const cutChunks: Behaviour = (_, socket) => {
  socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nonly\r\n");
};

/** Headers without end, as fast as they are taken. */
export const endlessHeaders: Behaviour = (_, socket, timers) => {
  socket.write("HTTP/1.1 200 OK\r\n");
  const more = Buffer.from("x-more: and more and more\r\n".repeat(100));
  timers.every(1, () => socket.write(more));
};

/** One more header now and then, for ever. */
export function drippingHeaders(everyMs: number): Behaviour {
  return (_, socket, timers) => {
    socket.write("HTTP/1.1 200 OK\r\n");
    timers.every(everyMs, () => socket.write("x-more: 1\r\n"));
  };
}

/** A small gzip body that is `size` bytes when decoded. */
export function gzipBomb(size: number): Behaviour {
  return answer({ headers: { "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(size)) });
}

/** Something that is not HTTP. */
export const gibberish: Behaviour = (_, socket) => {
  socket.end("220 mail.example.com ESMTP ready\r\n");
};
