import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from "node:tls";
import type { Behaviour, SeenRequest, Timers } from "./behaviours.ts";
import type { ServerCertificate } from "./certificates.ts";

/** A local web site whose behaviour can be changed while it runs. */
export interface Site {
  readonly url: string;
  readonly port: number;
  /** Requests since the start, oldest first. */
  readonly requests: readonly SeenRequest[];
  behave(behaviour: Behaviour): void;
  /** Shows another certificate from the next connection on. Only for a site with one. */
  present(certificate: ServerCertificate): void;
  /** Closes the port: connections are refused until `open`. */
  close(): Promise<void>;
  open(): Promise<void>;
  stop(): Promise<void>;
}

export interface SiteOptions {
  readonly behaviour: Behaviour;
  readonly certificate?: ServerCertificate;
  /** PEM of the authority whose client certificates are asked for; without one the handshake fails. */
  readonly clientCa?: string;
  /** The address it listens on. */
  readonly host?: string;
  /** The name in its URL, when that is not `host`. */
  readonly name?: string;
  readonly port?: number;
}

export async function startSite({
  behaviour,
  certificate,
  clientCa,
  host = "127.0.0.1",
  name = host,
  port = 0,
}: SiteOptions): Promise<Site> {
  let behaves = behaviour;
  let shows = certificate;
  let server: Server | TlsServer | undefined;
  let boundTo = port;
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const requests: SeenRequest[] = [];

  const onConnection = (socket: Socket): void => {
    sockets.add(socket);
    const own = new Set<NodeJS.Timeout>();
    const keep = (timer: NodeJS.Timeout) => {
      own.add(timer);
      timers.add(timer);
    };
    const socketTimers: Timers = {
      after: (ms, task) => keep(setTimeout(task, ms)),
      every: (ms, task) => keep(setInterval(task, ms)),
    };
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      sockets.delete(socket);
      for (const timer of own) {
        clearInterval(timer);
        timers.delete(timer);
      }
    });
    let received = "";
    const onData = (chunk: Buffer): void => {
      received += chunk.toString("latin1");
      const request = parseRequest(received);
      if (!request) return;
      socket.off("data", onData);
      socket.resume();
      requests.push(request);
      behaves(request, socket, socketTimers);
    };
    socket.on("data", onData);
  };

  const open = async (): Promise<void> => {
    const tlsOptions: TlsOptions = {
      ...shows,
      ...(clientCa ? { ca: clientCa, requestCert: true, rejectUnauthorized: true } : {}),
    };
    const made = shows ? createTlsServer(tlsOptions, onConnection) : createServer(onConnection);
    made.on("tlsClientError", (_error: Error, socket: Socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      made.once("error", reject);
      made.listen(boundTo, host, resolve);
    });
    boundTo = (made.address() as AddressInfo).port;
    server = made;
  };
  const close = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    for (const timer of timers) clearInterval(timer);
    timers.clear();
    if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
  };

  await open();
  return {
    port: boundTo,
    url: `${certificate ? "https" : "http"}://${name.includes(":") ? `[${name}]` : name}:${boundTo}`,
    requests,
    behave: (next) => {
      behaves = next;
    },
    present: (next) => {
      shows = next;
      if (server && "setSecureContext" in server) server.setSecureContext({ ...next });
    },
    close,
    open,
    stop: close,
  };
}

/** The request, once all of it is there. */
function parseRequest(received: string): SeenRequest | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [requestLine = "", ...headerLines] = received.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(
    headerLines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = received.slice(end + 4);
  if (body.length < Number(headers["content-length"] ?? 0)) return undefined;
  const [method = "", path = ""] = requestLine.split(" ");
  return { method, path, headers, body };
}
