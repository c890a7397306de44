import { createSecureContext, type SecureContext } from "node:tls";
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
 * Contexts are kept for the life of the process: making one reads all trusted roots, which costs more than a
 * whole probe.
 */
const contexts = new Map<string, SecureContext>();
const MAX_KEPT = 100;

export function secureContextFor({ ca, certificate, key }: TlsIdentity): SecureContext {
  const id = JSON.stringify([ca, certificate, key]);
  const stored = contexts.get(id);
  if (stored) return stored;
  const made = makeContext({ ca, cert: certificate, key });
  if (contexts.size >= MAX_KEPT) contexts.clear();
  contexts.set(id, made);
  return made;
}

function makeContext(options: { ca: string | undefined; cert: string | undefined; key: string | undefined }) {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw new ProbeError(
      "own-credentials",
      `the site's ca or client certificate cannot be used: ${messageOf(error)}`,
    );
  }
}
