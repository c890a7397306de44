import { connect as connectTcp, isIP, isIPv6, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { messageOf } from "../../../../shared/errors/message-of.ts";
import { readCertificate } from "./certificate.ts";
import type { Deadline } from "./deadline.ts";
import { codeOf, ProbeError } from "./probe-error.ts";
import { hasIpv6 } from "./resolver.ts";
import type { Certificate } from "./result.ts";
import { type KeyExchange, secureContextFor, type TlsIdentity } from "./secure-context.ts";

/** Opens a fresh connection to one address: no pool, no second address, no name look-up. */
export function openSocket(address: string, port: number, deadline: Deadline): Promise<Socket> {
  const socket = connectTcp({ host: address, port, noDelay: true });
  return deadline.step<Socket>(
    (done, failed) => {
      socket.once("connect", () => {
        socket.off("error", onError);
        // From here on the one who reads hears of errors; between two steps there is nobody.
        socket.on("error", ignore);
        done(socket);
      });
      const onError = (error: Error) => {
        socket.on("error", ignore);
        socket.destroy();
        failed(connectError(address, port, error));
      };
      socket.once("error", onError);
    },
    () => {
      socket.on("error", ignore);
      socket.destroy();
    },
  );
}

export interface SecureSocket {
  readonly socket: TLSSocket;
  readonly certificate: Certificate;
}

/** What a site's policy says about the handshake. */
export interface TlsPolicy {
  /** Asked for by SNI, and checked, in the place of the host. */
  readonly serverName?: string;
  /** A certificate that is not trusted is no error. */
  readonly insecure?: boolean;
}

export interface Handshake extends TlsIdentity, TlsPolicy {
  readonly host: string;
  /** The protocols that are offered by ALPN; none: the extension is left out. */
  readonly alpn: readonly string[];
}

/** The name that SNI asks for and the certificate must have. */
export function serverNameOf({ host, serverName }: Pick<Handshake, "host" | "serverName">): string {
  return (serverName ?? host).replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

/**
 * The TLS handshake on an open socket, with SNI and the identity check. The certificate is given also when it is
 * not trusted (`certificate.problem`): the caller must then send nothing.
 */
export async function secure(
  socket: Socket,
  handshake: Handshake,
  keyExchange: KeyExchange,
  deadline: Deadline,
): Promise<SecureSocket> {
  const name = serverNameOf(handshake);
  const handshaken = await deadline.step<TLSSocket>(
    (done, failed) => {
      const tls = connectTls({
        socket,
        secureContext: secureContextFor(handshake, keyExchange),
        ...(handshake.alpn.length > 0 && { ALPNProtocols: [...handshake.alpn] }),
        // We decide after the handshake, so that a bad certificate still shows its expiry.
        rejectUnauthorized: false,
        ...(isIP(name) ? {} : { servername: name }),
        // Whose it is, we look up in the certificate itself.
        checkServerIdentity: () => undefined,
      });
      leaveCertificateUnread(tls);
      const onError = (error: Error) => {
        tls.on("error", ignore);
        tls.destroy();
        failed(tlsError(error));
      };
      tls.once("error", onError);
      tls.once("secureConnect", () => {
        tls.off("error", onError);
        tls.on("error", ignore);
        done(tls);
      });
    },
    () => socket.destroy(),
  );
  const certificate = readCertificate(handshaken, { host: name, ca: handshake.ca });
  return { socket: handshaken, certificate };
}

/**
 * Node turns the whole chain into objects for `checkServerIdentity`, three digests a certificate, which takes a third of
 * a probe's CPU time. Nobody reads them here.
 */
function leaveCertificateUnread(socket: TLSSocket): void {
  Object.defineProperty(socket, "getPeerCertificate", { value: () => ({}) });
}

/** The server takes nothing of what was offered (RFC 8446 6.2): it says no more than that. */
export function isHandshakeRefused(error: unknown): boolean {
  return (
    error instanceof ProbeError &&
    error.reason === "tls" &&
    /alert handshake failure|alert insufficient security/i.test(error.message)
  );
}

/** The server takes none of the protocols that were offered (RFC 7301 3.2). */
export function isNoApplicationProtocol(error: unknown): boolean {
  return error instanceof ProbeError && /no.application.protocol/i.test(error.message);
}

function connectError(address: string, port: number, error: Error): ProbeError {
  const where = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
  const code = codeOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return new ProbeError("connect", `${where} refused the connection`, "network");
    case "ECONNRESET":
      return new ProbeError("connect", `${where} reset the connection`, "network");
    case "EMFILE":
    case "ENFILE":
    case "ENOMEM":
    case "EADDRINUSE":
      return new ProbeError(
        "internal",
        `no socket could be opened for ${where} (${code}): lower sites.concurrency`,
      );
    case "EACCES":
    case "EPERM":
      return new ProbeError("own-network", `our own machine forbids connections to ${where} (${code})`);
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
      return isIPv6(address) && !hasIpv6()
        ? new ProbeError("own-network", `${where} needs IPv6, and our network has none`)
        : new ProbeError("connect", `${where} cannot be reached (${code})`);
    default:
      return new ProbeError("connect", `${where} cannot be reached (${code || error.message})`);
  }
}

/** An error of TLS itself: in the handshake, or an alert afterwards (TLS 1.3 asks for a client certificate late). */
export function tlsError(error: unknown): ProbeError {
  const code = codeOf(error);
  if (code === "ECONNRESET") return new ProbeError("tls", "the connection was closed in the TLS handshake");
  // OpenSSL: "…:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:…"
  const said = /SSL routines:[^:]*:([^:]+)/.exec(messageOf(error))?.[1] ?? messageOf(error);
  return new ProbeError("tls", `the TLS handshake failed: ${said.trim()}${code ? ` (${code})` : ""}`);
}

function ignore(): void {}
