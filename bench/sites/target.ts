/**
 * The sites that are probed, in a process of their own so that their work is not counted as the prober's:
 * one over HTTP, one over TLS, one over TLS whose handshake is held up, and a slow name server.
 */

import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { answer, type Behaviour } from "../../sandbox/sites/behaviours.ts";
import type { ServerCertificate } from "../../sandbox/sites/certificates.ts";
import { startNameServer } from "../../sandbox/sites/name-server.ts";
import { startSite } from "../../sandbox/sites/site.ts";

/** What the parent sends to start. */
export interface TargetOrder {
  readonly certificate: ServerCertificate;
  /** Milliseconds added to each phase of the delayed site. */
  readonly delays: {
    readonly resolve: number;
    readonly tls: number;
    readonly processing: number;
    readonly transfer: number;
  };
}

/** What the child answers with. */
export interface TargetPorts {
  readonly http: number;
  readonly https: number;
  /** TLS, and HTTP/2 only. */
  readonly http2: number;
  /** TLS by the same way as `delayed`, but without any delay. */
  readonly undelayed: number;
  /** TLS, with every delay. */
  readonly delayed: number;
  readonly dns: number;
}

process.once("message", (order: TargetOrder) => {
  void start(order).then((ports) => process.send?.(ports));
});

async function start({ certificate, delays }: TargetOrder): Promise<TargetPorts> {
  const plain = answer({ body: "ok\n" });
  const delayed: Behaviour = (_, socket, timers) => {
    timers.after(delays.processing, () => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nok");
      timers.after(delays.transfer, () => socket.end("!\n"));
    });
  };
  const [http, https, behind, dns] = await Promise.all([
    startSite({ behaviour: plain }),
    startSite({ behaviour: plain, certificate }),
    startSite({ behaviour: delayed, certificate }),
    startNameServer({ "plain.test": { A: ["127.0.0.1"] }, "delayed.test": { A: ["127.0.0.1"] } }, (name) =>
      name.startsWith("delayed") ? delays.resolve : 0,
    ),
  ]);
  return {
    http: http.port,
    https: https.port,
    http2: await startHttp2(certificate),
    undelayed: await front(https.port, 0),
    delayed: await front(behind.port, delays.tls),
    dns: dns.port,
  };
}

/** Answers as the others do, over HTTP/2. Gives its port. */
async function startHttp2(certificate: ServerCertificate): Promise<number> {
  const server = createSecureServer({ ...certificate });
  server.on("stream", (stream) => {
    stream.on("error", () => stream.destroy());
    stream.respond({ ":status": 200, "content-type": "text/plain" });
    stream.end("ok\n");
  });
  server.on("sessionError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A way to a TLS site that holds the client's hello up; what follows goes through at once. Gives its port. */
async function front(port: number, delayMs: number): Promise<number> {
  const server = createServer((client) => {
    client.setNoDelay(true);
    const site = connect({ host: "127.0.0.1", port, noDelay: true });
    for (const socket of [client, site]) socket.on("error", () => socket.destroy());
    site.pipe(client);
    client.once("data", (hello) => {
      client.pause();
      setTimeout(() => {
        site.write(hello);
        client.pipe(site);
      }, delayMs);
    });
    client.once("close", () => site.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
