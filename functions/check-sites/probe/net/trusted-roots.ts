import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

/** Parsed once for each set of authorities: Node's own are about 140. */
const parsed = new Map<string | undefined, ReadonlyMap<string, readonly X509Certificate[]>>();
const MAX_KEPT = 20;

/** Whether an authority that is trusted (`ca`, PEM; without it Node's own) has issued the certificate itself. */
export function isIssuedByTrusted(certificate: X509Certificate, ca: string | undefined): boolean {
  const issuer = trustedIssuerOf(certificate, ca);
  return issuer !== undefined && certificate.verify(issuer.publicKey);
}

/** The trusted authority that the certificate names as its issuer; its signature is not looked at. */
export function trustedIssuerOf(
  certificate: X509Certificate,
  ca: string | undefined,
): X509Certificate | undefined {
  return trusted(ca)
    .get(certificate.issuer)
    ?.find((issuer) => certificate.checkIssued(issuer));
}

function trusted(ca: string | undefined): ReadonlyMap<string, readonly X509Certificate[]> {
  const known = parsed.get(ca);
  if (known) return known;
  const certificates = (ca === undefined ? rootCertificates : pemBlocks(ca)).map(
    (pem) => new X509Certificate(pem),
  );
  const bySubject = Map.groupBy(certificates, ({ subject }) => subject);
  if (parsed.size >= MAX_KEPT) parsed.clear();
  parsed.set(ca, bySubject);
  return bySubject;
}

function pemBlocks(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
