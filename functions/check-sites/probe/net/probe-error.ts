import type { OwnReason, Reason } from "./reasons.ts";

/** Ends a probe; it becomes the `failure` of its result and is never thrown out of a probe. */
export class ProbeError extends Error {
  readonly reason: Reason | OwnReason;
  /** What works although the probe failed: a refusal comes over the network, "no such name" from the resolver. */
  readonly proves: "network" | "resolver" | undefined;

  constructor(reason: Reason | OwnReason, detail: string, proves?: "network" | "resolver") {
    super(cut(detail, MAX_KEPT));
    this.name = "ProbeError";
    this.reason = reason;
    this.proves = proves;
  }
}

/** Kept of a text that a site had a part in, until secrets are taken out of it: half a secret would not be found. */
const MAX_KEPT = 10_000;
/** And shown of it, in findings, states, notifications and traces. */
const MAX_SHOWN = 300;

/** A text that a site had a part in, cut where it is made. */
export function cut(text: string, most = MAX_SHOWN): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** What Node's network code throws: an error with a code of the system, of OpenSSL or of the HTTP parser. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
