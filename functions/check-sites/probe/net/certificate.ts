import { X509Certificate } from "node:crypto";
import {
  checkServerIdentity,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import { cut, ProbeError } from "./probe-error.ts";
import type { Certificate, ChainLink } from "./result.ts";
import { isIssuedByTrusted } from "./trusted-roots.ts";

/** What OpenSSL and Node say of a chain, in words that say what to do. */
const PROBLEMS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired",
  CERT_NOT_YET_VALID: "it is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its chain ends in a self-signed certificate that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its issuer's certificate is missing: the server does not send the intermediate",
  UNABLE_TO_GET_ISSUER_CERT: "its chain has a gap: the server does not send every intermediate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its chain ends at an authority that is not trusted",
  CERT_REVOKED: "it is revoked",
  CERT_SIGNATURE_FAILURE: "its signature is wrong",
  INVALID_PURPOSE: "it is not meant for a server",
};

/** A name in a certificate is shown up to this length, and so many of a list. */
const MAX_NAME = 100;
const MAX_NAMES = 5;

const NO_NAMES = "NO_SUBJECT_ALTERNATIVE_NAME";
const CN_ONLY: ReadonlySet<string> = new Set([NO_NAMES, "ERR_TLS_CERT_ALTNAME_INVALID"]);

/** Longest chain followed; OpenSSL itself gives up at 100. */
const MAX_CHAIN = 10;

/** What is known of a handshake whose certificate is read. */
export interface Peer {
  readonly host: string;
  /** PEM: the only authorities that are trusted; absent, Node's own. */
  readonly ca: string | undefined;
  /** The certificate as the identity check saw it, to read it once only; it is not called when the chain is bad. */
  readonly known: PeerCertificate | undefined;
}

/** Reads the certificate on a socket whose handshake is done. */
export function readCertificate(socket: TLSSocket, { host, ca, known }: Peer): Certificate {
  const leaf =
    known && "issuerCertificate" in known
      ? (known as DetailedPeerCertificate)
      : socket.getPeerCertificate(true);
  const sent = sentChain(leaf);
  const certificates = socket.authorized ? verifiedPath(sent, ca) : sent;
  const chain = certificates.map(linkOf);
  const first = certificates.reduce(
    (soonest, one) => (validTo(one) < validTo(soonest) ? one : soonest),
    leaf,
  );
  const problem = problemOf(socket, host, leaf, chain);
  return {
    subject: nameOf(leaf.subject),
    issuer: nameOf(leaf.issuer),
    validFrom: Date.parse(leaf.valid_from),
    validTo: validTo(first),
    lifeMs: validTo(first) - Date.parse(first.valid_from),
    alternativeNames: (leaf.subjectaltname ?? "").split(", ").filter((name) => name !== ""),
    fingerprint: leaf.fingerprint256,
    chain,
    tlsVersion: socket.getProtocol() ?? "unknown",
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Throws a `certificate` error unless the certificate is trusted for `host`. */
export function requireTrusted({ problem }: Certificate, host: string): void {
  if (problem === undefined) return;
  throw new ProbeError("certificate", `the certificate of ${host} is not trusted: ${problem}`);
}

/** Why the certificate is not the host's, or undefined. Never throws, whatever the certificate says. */
export function identityProblem(host: string, certificate: PeerCertificate): Error | undefined {
  // RFC 9525 6.3: the CN is no host's name. Node itself would still fall back to it.
  if (!certificate.subjectaltname) {
    return Object.assign(new Error("no subject alternative name"), { code: NO_NAMES });
  }
  try {
    return checkServerIdentity(host, certificate);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function problemOf(
  socket: TLSSocket,
  host: string,
  leaf: PeerCertificate,
  chain: readonly ChainLink[],
): string | undefined {
  if (socket.authorized) return undefined;
  // @types/node says Error; it is the error's code, a string.
  const code = String(socket.authorizationError);
  if (!leaf.subjectaltname && CN_ONLY.has(code)) {
    return `it names its host in its CN (${nameOf(leaf.subject)}) only: without a subject alternative name it is trusted for no host`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `it is not for ${host}: it names ${namesOf(leaf)}`;
  const why = PROBLEMS[code] ?? code;
  if (code !== "CERT_HAS_EXPIRED") return `${why} (${code})`;
  const expired = chain.reduce((first, link) => (link.validTo < first.validTo ? link : first));
  const whose = expired === chain[0] ? "it" : `the certificate of ${expired.subject} above it`;
  return `${whose} has expired on ${new Date(expired.validTo).toISOString()}`;
}

/** From the leaf upwards, without the root: a root's expiry is the business of whoever trusts it. */
function sentChain(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let at: DetailedPeerCertificate | undefined = leaf;
  while (at?.valid_to && chain.length < MAX_CHAIN) {
    const issuer: DetailedPeerCertificate | undefined = at.issuerCertificate;
    const isRoot: boolean = issuer === at || issuer?.fingerprint256 === at.fingerprint256;
    if (isRoot && chain.length > 0) break;
    chain.push(at);
    at = isRoot ? undefined : issuer;
  }
  return chain;
}

/**
 * The part of the chain that the trust rests on. A server may send more than that: a root that is cross-signed by an
 * older one, which has expired, is in nobody's way. OpenSSL looks for each issuer among the trusted ones first, so
 * the path ends there. (Looked for only where something beside the leaf would expire first: it is not cheap.)
 */
function verifiedPath(
  sent: readonly DetailedPeerCertificate[],
  ca: string | undefined,
): readonly DetailedPeerCertificate[] {
  const [leaf, ...above] = sent;
  if (!leaf || above.every((one) => validTo(one) >= validTo(leaf))) return sent;
  const end = sent.findIndex((one) => isIssuedByTrusted(new X509Certificate(one.raw), ca));
  return end < 0 ? sent : sent.slice(0, end + 1);
}

function validTo(certificate: DetailedPeerCertificate): number {
  return Date.parse(certificate.valid_to);
}

function linkOf(certificate: DetailedPeerCertificate): ChainLink {
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validTo: validTo(certificate),
  };
}

function namesOf({ subjectaltname = "" }: PeerCertificate): string {
  const names = subjectaltname
    .split(", ")
    .map((name) => cut(name.replace(/^(DNS|IP Address):/, ""), MAX_NAME));
  const more = names.length - MAX_NAMES;
  return more > 0 ? `${names.slice(0, MAX_NAMES).join(", ")} and ${more} more` : names.join(", ");
}

function nameOf(name: PeerCertificate["subject"] | undefined): string {
  return cut(String(name?.CN ?? name?.O ?? "(no name)"), MAX_NAME);
}
