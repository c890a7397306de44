import { requireTrusted } from "./net/certificate.ts";
import { secure } from "./net/connect.ts";
import { secureContextFor, type TlsIdentity } from "./net/secure-context.ts";
import { connectTo, forEachAddress, pin, runProbe } from "./session.ts";
import type { Probe, Target } from "./types.ts";

export interface TcpTarget extends Target {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
  /** For `tls://`: the handshake is part of the check. */
  readonly tls?: TlsIdentity;
}

/** A TCP connection, and a TLS handshake on it when asked for; nothing is sent on it. */
export const probeTcp: Probe<TcpTarget> = (target, context) =>
  forEachAddress(target, target.host, context, (pinned) =>
    runProbe(
      target,
      context,
      async (session) => {
        const { partial, deadline, phases } = session;
        partial.hops.push({ url: `${target.tls ? "tls" : "tcp"}://${target.host}:${target.port}` });
        const address = await pin(target.host, pinned, session, context);
        const socket = await connectTo(address, target.port, session);
        if (!target.tls) return;
        phases.enter("tls");
        const { certificate } = await secure(socket, target.host, secureContextFor(target.tls), deadline);
        partial.certificate = certificate;
        requireTrusted(certificate, target.host);
      },
      pinned?.resolveMs,
    ),
  );
