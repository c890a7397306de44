import { hash, type X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { certificatePath, type SentCertificates, sentWith, validToOf } from "./certificate-path.ts";
import { cut, ProbeError } from "./probe-error.ts";
import type { Certificate, ChainLink } from "./result.ts";

/** What OpenSSL and Node say of a chain, in words that say what to do. */
const PROBLEMS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it has expired",
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

/** What is known of a handshake whose certificate is read. */
export interface Peer {
  /** The name that was asked for, or an IP address. */
  readonly host: string;
  /** PEM: the only authorities that are trusted; absent, Node's own. */
  readonly ca: string | undefined;
}

/** What was read of a chain, whatever it was read on. */
type ReadChain = Omit<Certificate, "tlsVersion">;

/**
 * A site shows the same chain each minute, and reading it takes a tenth of a probe's CPU time. It depends on nothing but
 * what the key is made of, so what was read once holds.
 */
const read = new Map<string, ReadChain>();
const MAX_KEPT = 2000;

/** Reads the certificate on a socket whose handshake is done, and checks that it is the host's. */
export function readCertificate(socket: TLSSocket, peer: Peer): Certificate {
  const leaf = socket.getPeerX509Certificate();
  if (!leaf) throw new ProbeError("tls", "the TLS handshake failed: the server has shown no certificate");
  const sent = sentWith(leaf);
  // The socket has no error where OpenSSL found the chain good.
  const error = socket.authorized ? undefined : String(socket.authorizationError);
  const key = keyOf(sent, peer, error);
  const known = read.get(key);
  const chain = known ?? readChain(sent, peer, error);
  if (!known) {
    if (read.size >= MAX_KEPT) read.clear();
    read.set(key, chain);
  }
  return { ...chain, tlsVersion: socket.getProtocol() ?? "unknown" };
}

function keyOf(sent: SentCertificates, { host, ca }: Peer, error: string | undefined): string {
  const about = Buffer.from(JSON.stringify([host, ca, error, sent.map(({ raw }) => raw.length)]));
  return hash("sha256", Buffer.concat([about, ...sent.map(({ raw }) => raw)]), "base64");
}

function readChain(sent: SentCertificates, { host, ca }: Peer, error: string | undefined): ReadChain {
  const [leaf] = sent;
  const path = certificatePath(sent, ca, error === undefined ? "verified" : "sent");
  const chain = path.map(linkOf);
  const first = path.reduce((soonest, one) => (validToOf(one) < validToOf(soonest) ? one : soonest), leaf);
  const problem = error === undefined ? identityProblem(host, leaf) : chainProblem(error, path, chain);
  return {
    subject: nameIn(leaf.subject),
    issuer: nameIn(leaf.issuer),
    validFrom: Date.parse(leaf.validFrom),
    validTo: validToOf(first),
    lifeMs: validToOf(first) - Date.parse(first.validFrom),
    alternativeNames: alternativeNamesOf(leaf),
    fingerprint: leaf.fingerprint256,
    chain,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Throws a `certificate` error unless the certificate is trusted for `host`. */
export function requireTrusted({ problem }: Certificate, host: string): void {
  if (problem === undefined) return;
  throw new ProbeError("certificate", `the certificate of ${host} is not trusted: ${problem}`);
}

/** Why the certificate is not the host's, or undefined. */
function identityProblem(host: string, leaf: X509Certificate): string | undefined {
  // RFC 9525 6.3: the CN is no host's name, and a wildcard stands for a whole label.
  const options = { subject: "never", partialWildcards: false } as const;
  const match = isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host, options);
  if (match !== undefined) return undefined;
  if (leaf.subjectAltName) return `it is not for ${host}: it names ${shownNames(leaf)}`;
  return `it names its host in its CN (${nameIn(leaf.subject)}) only: without a subject alternative name it is trusted for no host`;
}

/** Why nobody who is trusted vouches for it. `code` is OpenSSL's. */
function chainProblem(code: string, path: readonly X509Certificate[], chain: readonly ChainLink[]): string {
  if (code === UNSPECIFIED) return unspecifiedProblem(path);
  if (code === "CERT_NOT_YET_VALID") return notYetProblem(path);
  const why = PROBLEMS[code] ?? code;
  if (code !== "CERT_HAS_EXPIRED") return `${why} (${code})`;
  const expired = chain.reduce((first, link) => (link.validTo < first.validTo ? link : first));
  const whose = expired === chain[0] ? "it" : `the certificate of ${expired.subject} above it`;
  return `${whose} has expired on ${new Date(expired.validTo).toISOString()}`;
}

/** A clock of ours that is wrong finds the same of every site: the text says how to tell. */
function notYetProblem(path: readonly X509Certificate[]): string {
  const begins = Math.max(...path.map(({ validFrom }) => Date.parse(validFrom)));
  return `it is not valid before ${new Date(begins).toISOString()} (where every site says that, our own clock is wrong)`;
}

/** Node has no code for the rest of what OpenSSL finds: what can be seen of it is said. */
const UNSPECIFIED = "UNSPECIFIED";
/** At OpenSSL's security level 2, which Node has. */
const SHORTEST_RSA_BITS = 2048;

function unspecifiedProblem(path: readonly X509Certificate[]): string {
  for (const [index, certificate] of path.entries()) {
    const whose = index === 0 ? "it" : `the certificate of ${nameIn(certificate.subject)} above it`;
    const { signatureAlgorithm = "", publicKey } = certificate;
    const bits = publicKey.asymmetricKeyDetails?.modulusLength;
    if (bits !== undefined && bits < SHORTEST_RSA_BITS) {
      return `${whose} has a key that is too short: RSA of ${bits} bits, expected ${SHORTEST_RSA_BITS} or more`;
    }
    if (/sha1|md5/i.test(signatureAlgorithm)) {
      return `${whose} is signed with an algorithm that nobody trusts any more: ${signatureAlgorithm}`;
    }
  }
  return "OpenSSL refuses it: a name that an authority above it must not certify, or a critical extension that is unknown";
}

function linkOf(certificate: X509Certificate): ChainLink {
  return {
    subject: nameIn(certificate.subject),
    issuer: nameIn(certificate.issuer),
    validTo: validToOf(certificate),
  };
}

/** For example `DNS:example.com`. */
function alternativeNamesOf({ subjectAltName }: X509Certificate): string[] {
  return subjectAltName ? subjectAltName.split(", ") : [];
}

function shownNames(leaf: X509Certificate): string {
  const names = alternativeNamesOf(leaf).map((name) => cut(name.replace(/^(DNS|IP Address):/, ""), MAX_NAME));
  const more = names.length - MAX_NAMES;
  return more > 0 ? `${names.slice(0, MAX_NAMES).join(", ")} and ${more} more` : names.join(", ");
}

/** The CN, else the organisation, of a distinguished name: one attribute a line. */
function nameIn(distinguishedName: string): string {
  const attribute = (type: string) =>
    new RegExp(`(?:^|\\n| \\+ )${type}=([^\\n]*)`).exec(distinguishedName)?.[1];
  const name = attribute("CN") ?? attribute("O") ?? "(no name)";
  // RFC 2253 2.4: a comma has a backslash before it.
  return cut(name.replace(/\\([^\dA-F])/g, "$1"), MAX_NAME);
}
