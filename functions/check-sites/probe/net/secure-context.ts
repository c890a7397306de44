import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { messageOf } from "../../../../shared/errors/message-of.ts";
import { ProbeError } from "./probe-error.ts";

/** Whom a probe trusts and who it says it is. */
export interface TlsIdentity {
  /** PEM: the only authorities trusted for this site; absent, those that Node brings. */
  readonly ca?: string;
  /** PEM: the client certificate and its key. */
  readonly certificate?: string;
  readonly key?: string;
}

/**
 * What a handshake offers for the exchange of keys: the `usual` groups, which every browser and server of the last ten
 * years has, or `every` one that Node knows. A key for the post-quantum X25519MLKEM768, which Node would offer first,
 * costs more than all the others of a handshake.
 */
export type KeyExchange = "usual" | "every";

const USUAL_GROUPS = "X25519:P-256:P-384:P-521";

/**
 * Contexts are kept for the life of the process: making one reads all trusted roots, which costs more than a
 * whole probe.
 */
const contexts = new Map<string, SecureContext>();
const MAX_KEPT = 100;

export function secureContextFor(
  { ca, certificate, key }: TlsIdentity,
  keyExchange: KeyExchange,
): SecureContext {
  const id = JSON.stringify([ca, certificate, key, keyExchange]);
  const stored = contexts.get(id);
  if (stored) return stored;
  const groups = keyExchange === "usual" ? { ecdhCurve: USUAL_GROUPS } : {};
  const made = makeContext({ ca, cert: certificate, key, ...groups });
  if (contexts.size >= MAX_KEPT) contexts.clear();
  contexts.set(id, made);
  return made;
}

function makeContext(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new ProbeError(
      "own-credentials",
      `the site's ca or client certificate cannot be used: ${messageOf(error)}`,
    );
  }
}
