import { openSocket, secure } from "./net/connect.ts";
import { ProbeError } from "./net/probe-error.ts";
import { secureContextFor, type TlsIdentity } from "./net/secure-context.ts";
import { forEachAddress, pin, runProbe } from "./session.ts";
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
      async (gathering) => {
        const { draft, deadline, phases } = gathering;
        draft.hops.push({ url: `${target.tls ? "tls" : "tcp"}://${target.host}:${target.port}` });
        const address = await pin(target.host, pinned, gathering, context);
        phases.enter("connect");
        const socket = gathering.hold(await openSocket(address, target.port, deadline));
        if (!target.tls) return;
        phases.enter("tls");
        const { certificate } = await secure(socket, target.host, secureContextFor(target.tls), deadline);
        draft.certificate = certificate;
        if (certificate.problem !== undefined) {
          throw new ProbeError(
            "certificate",
            `the certificate of ${target.host} is not trusted: ${certificate.problem}`,
          );
        }
      },
      pinned?.resolveMs,
    ),
  );
