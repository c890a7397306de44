import { requireTrusted } from "./net/certificate.ts";
import { serverNameOf, type TlsPolicy } from "./net/connect.ts";
import type { TlsIdentity } from "./net/secure-context.ts";
import { connectSecurely, connectTo, forEachAddress, pin, runProbe } from "./session.ts";
import type { Probe, Target } from "./types.ts";

export interface TcpTarget extends Target {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
  /** For `tls://`: the handshake is part of the check. */
  readonly tls?: TlsIdentity & TlsPolicy & { readonly alpn?: readonly string[] };
}

/** A TCP connection, and a TLS handshake on it when asked for; nothing is sent on it. */
export const probeTcp: Probe<TcpTarget> = (target, context) =>
  forEachAddress(target, target.host, context, (pinned) =>
    runProbe(
      target,
      context,
      async (session) => {
        const { partial } = session;
        partial.hops.push({ url: `${target.tls ? "tls" : "tcp"}://${target.host}:${target.port}` });
        const address = await pin(target.host, pinned, session, context);
        if (!target.tls) {
          await connectTo(address, target.port, session);
          return;
        }
        const handshake = { ...target.tls, host: target.host, alpn: target.tls.alpn ?? [] };
        const { certificate } = await connectSecurely(address, target.port, handshake, session);
        partial.certificate = certificate;
        if (!target.tls.insecure) requireTrusted(certificate, serverNameOf(handshake));
      },
      pinned?.resolveMs,
    ),
  );
