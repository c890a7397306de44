import type { X509Certificate } from "node:crypto";
import { isIssuedByTrusted, trustedIssuerOf } from "./trusted-roots.ts";

/** So many of the certificates that a server sends are looked at, and as many make a path at most. */
const MAX_SENT = 20;
const MAX_PATH = 10;

/**
 * The certificates from a server's own upwards, without the root: a root's expiry is the business of whoever trusts
 * it. `verified`: only the part that the trust rests on, of a handshake that OpenSSL has found good.
 */
export function certificatePath(
  [leaf, ...above]: SentCertificates,
  ca: string | undefined,
  which: "verified" | "sent",
): readonly X509Certificate[] {
  const path = pathUp(leaf, above, ca);
  return which === "verified" ? verifiedPart(path, ca) : path;
}

/** Milliseconds since the epoch. */
export function validToOf({ validTo }: X509Certificate): number {
  return Date.parse(validTo);
}

function pathUp(
  leaf: X509Certificate,
  above: readonly X509Certificate[],
  ca: string | undefined,
): X509Certificate[] {
  const path = [leaf];
  for (let at = leaf; !isRoot(at) && path.length < MAX_PATH; ) {
    const issuer = lastToExpire(above.filter((one) => at.checkIssued(one))) ?? trustedIssuerOf(at, ca);
    if (!issuer || isRoot(issuer) || path.includes(issuer)) break;
    path.push(issuer);
    at = issuer;
  }
  return path;
}

/** Of several certificates of one issuer, whoever looks for a path passes by those that have expired. */
function lastToExpire(issuers: readonly X509Certificate[]): X509Certificate | undefined {
  return issuers.toSorted((a, b) => validToOf(b) - validToOf(a))[0];
}

/** A server's own certificate, and what it has sent behind it, in the order it has sent it. */
export type SentCertificates = readonly [X509Certificate, ...X509Certificate[]];

export function sentWith(leaf: X509Certificate): SentCertificates {
  const sent: [X509Certificate, ...X509Certificate[]] = [leaf];
  for (let at = leaf.issuerCertificate; at && sent.length <= MAX_SENT; at = at.issuerCertificate) {
    sent.push(at);
  }
  return sent;
}

function isRoot({ subject, issuer }: X509Certificate): boolean {
  return subject === issuer;
}

/**
 * A server may send more than the trust rests on: a root that is cross-signed by an older one, which has expired, is
 * in nobody's way. OpenSSL looks for each issuer among the trusted ones first, so the path ends there. (Looked for only
 * where something beside the leaf would expire first: it is not cheap.)
 */
function verifiedPart(path: readonly X509Certificate[], ca: string | undefined): readonly X509Certificate[] {
  const [leaf, ...above] = path;
  if (!leaf || above.every((one) => validToOf(one) >= validToOf(leaf))) return path;
  const end = path.findIndex((one) => isIssuedByTrusted(one, ca));
  return end < 0 ? path : path.slice(0, end + 1);
}
