import { systemClock } from "../../../shared/time/clock.ts";
import { createAuthority } from "../../sites/certificates.ts";

/** PEM. */
export interface Certificate {
  /** The cluster's own authority. */
  readonly ca: string;
  readonly key: string;
  readonly cert: string;
}

/** A certificate for 127.0.0.1, by an authority of its own as every cluster has one. Kept in memory only. */
export async function createCertificate(): Promise<Certificate> {
  // Clients compare with the machine's clock, not with the sandbox's.
  const authority = await createAuthority(systemClock.now());
  const { cert, key } = await authority.issue({ names: ["127.0.0.1", "localhost"] });
  return { ca: authority.root, cert, key };
}
