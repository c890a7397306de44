/**
 * The sites that are probed, in a process of their own so that their work is not counted as the prober's:
 * one over HTTP, one over TLS, one over TLS whose handshake is held up, and a slow name server.
 */

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
  const front = createServer((client) => {
    client.setNoDelay(true);
    const server = connect({ host: "127.0.0.1", port: behind.port, noDelay: true });
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
    server.pipe(client);
    // The client's hello is held up; what follows goes through at once.
    client.once("data", (hello) => {
      client.pause();
      setTimeout(() => {
        server.write(hello);
        client.pipe(server);
      }, delays.tls);
    });
    client.once("close", () => server.destroy());
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  return {
    http: http.port,
    https: https.port,
    delayed: (front.address() as AddressInfo).port,
    dns: dns.port,
  };
}
