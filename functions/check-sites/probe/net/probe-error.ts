import type { OwnReason, Reason } from "./reasons.ts";

/** Ends a probe; it becomes the `failure` of its result and is never thrown out of a probe. */
export class ProbeError extends Error {
  readonly reason: Reason | OwnReason;

  constructor(reason: Reason | OwnReason, detail: string) {
    super(detail);
    this.name = "ProbeError";
    this.reason = reason;
  }
}

/** What Node's network code throws: an error with a code of the system, of OpenSSL or of the HTTP parser. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
