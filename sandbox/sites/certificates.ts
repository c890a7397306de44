// @peculiar/x509 needs it loaded first.
import "reflect-metadata";

import { webcrypto, X509Certificate } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;

/** PEM texts as a TLS server takes them. */
export interface ServerCertificate {
  /** The server's own certificate, followed by whatever the server sends with it. */
  readonly cert: string;
  readonly key: string;
}

export interface Wanted {
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  /** Days from now, negative for the past. */
  readonly validDays?: number;
  /** Days from now at which it began, negative for the past. */
  readonly validFromDays?: number;
  /** The CN, where it is not the first name. */
  readonly commonName?: string;
  /** Leave the intermediate out of what the server sends. */
  readonly withoutIntermediate?: boolean;
  /** Signed by its own key instead of by the authority. */
  readonly selfSigned?: boolean;
  /** Signed as nobody trusts it any more. */
  readonly signedWith?: "SHA-1";
}

/** A certificate authority that only this process knows: a root, an intermediate, certificates under it. */
export interface Authority {
  /** PEM of the root: what a probe must trust. */
  readonly root: string;
  issue(wanted: Wanted): Promise<ServerCertificate>;
  /**
   * The root as an older authority has signed it, which has expired: servers still send it behind their chain,
   * and whoever trusts the root itself never looks at it.
   */
  readonly expiredCrossSignedRoot: string;
  /** The intermediate as it was before it was renewed: it has expired. */
  readonly expiredIntermediate: string;
  /** A certificate for a client. */
  issueForClient(name: string): Promise<ServerCertificate>;
}

/** Makes an authority. `now` is ms since the epoch; the certificates' dates are counted from it. */
export async function createAuthority(
  now: number,
  { intermediateValidDays = 3650 }: { readonly intermediateValidDays?: number } = {},
): Promise<Authority> {
  const rootKeys = await makeKeys();
  const root = await makeCertificate({
    subject: "Sandbox Root",
    keys: rootKeys,
    issuer: "Sandbox Root",
    signer: rootKeys,
    now,
    authority: true,
  });
  const middleKeys = await makeKeys();
  const makeMiddle = (validDays: number) =>
    makeCertificate({
      subject: "Sandbox Intermediate",
      keys: middleKeys,
      issuer: "Sandbox Root",
      signer: rootKeys,
      now,
      validDays,
      authority: true,
    });
  const middle = await makeMiddle(intermediateValidDays);

  const leaf = async (
    names: readonly string[],
    wanted: Wanted,
    usage: ExtendedKeyUsage,
  ): Promise<ServerCertificate> => {
    const keys = await makeKeys();
    const subject = wanted.commonName ?? names[0] ?? "nobody";
    const cert = await makeCertificate({
      subject,
      keys,
      issuer: wanted.selfSigned ? subject : "Sandbox Intermediate",
      signer: wanted.selfSigned ? keys : middleKeys,
      now,
      names,
      validDays: wanted.validDays ?? 90,
      ...(wanted.validFromDays !== undefined && { validFromDays: wanted.validFromDays }),
      usage,
      ...(wanted.signedWith && { hash: wanted.signedWith }),
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
    return {
      cert: wanted.selfSigned || wanted.withoutIntermediate ? cert : cert + middle,
      key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
    };
  };

  const expiredCrossSignedRoot = await makeCertificate({
    subject: "Sandbox Root",
    keys: rootKeys,
    issuer: "Sandbox Old Root",
    signer: await makeKeys(),
    now,
    validDays: -300,
    authority: true,
  });

  return {
    root,
    expiredCrossSignedRoot,
    expiredIntermediate: await makeMiddle(-10),
    issue: (wanted) => leaf(wanted.names, wanted, ExtendedKeyUsage.serverAuth),
    issueForClient: (name) => leaf([name], { names: [name] }, ExtendedKeyUsage.clientAuth),
  };
}

interface Certified {
  readonly subject: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly issuer: string;
  readonly signer: webcrypto.CryptoKeyPair;
  readonly now: number;
  readonly names?: readonly string[];
  readonly validDays?: number;
  readonly validFromDays?: number;
  readonly authority?: boolean;
  readonly usage?: ExtendedKeyUsage;
  readonly hash?: string;
}

async function makeCertificate(wanted: Certified): Promise<string> {
  const {
    subject,
    keys,
    issuer,
    signer,
    now,
    names = [],
    validDays = 3650,
    validFromDays = -400,
    authority = false,
    usage,
    hash = ALGORITHM.hash,
  } = wanted;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
      .toString("hex")
      .replace(/^[89a-f]/, "1"),
    subject: `CN=${subject}`,
    issuer: `CN=${issuer}`,
    notBefore: new Date(now + validFromDays * DAY),
    notAfter: new Date(now + validDays * DAY),
    signingAlgorithm: { ...ALGORITHM, hash },
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    extensions: [
      new BasicConstraintsExtension(authority, undefined, true),
      ...(authority ? [new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)] : []),
      ...(usage ? [new ExtendedKeyUsageExtension([usage])] : []),
      ...(names.length > 0
        ? [
            new SubjectAlternativeNameExtension(
              names.map((name) => ({
                type: /^[\d.]+$|:/.test(name) ? ("ip" as const) : ("dns" as const),
                value: name,
              })),
            ),
          ]
        : []),
    ],
  });
  return new X509Certificate(Buffer.from(certificate.rawData)).toString();
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}
