import type { OwnReason, Reason } from "./reasons.ts";

/** The parts of a probe's time, named as Prometheus' blackbox_exporter names them. */
export const PHASES = ["resolve", "connect", "tls", "processing", "transfer"] as const;
export type Phase = (typeof PHASES)[number];

/** Milliseconds in each phase, summed over redirects. A phase that did not take place is 0. */
export type PhaseTimes = Readonly<Record<Phase, number>>;

/** One request of a chain of redirects. The address is what a person may see: no query, no credentials. */
export interface Hop {
  readonly url: string;
  /** The pinned IP address, once it was chosen. */
  readonly address?: string;
  readonly status?: number;
}

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  /** Of the certificate in the chain (the root left out) that expires first, ms since the epoch. */
  readonly validTo: number;
  /** For how long that one is valid in all, ms. */
  readonly lifeMs: number;
  readonly alternativeNames: readonly string[];
  /** SHA-256, colon-separated hex. */
  readonly fingerprint: string;
  /** How the chain goes up from the site's own certificate, as far as the server sent it or we know it. */
  readonly chain: readonly ChainLink[];
  /** For example `TLSv1.3`. */
  readonly tlsVersion: string;
  /** What is wrong with it, for a person; absent when it is trusted for this name. */
  readonly problem?: string;
}

export interface ChainLink {
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly validTo: number;
}

/** What ended a probe before there was a complete answer. */
export interface Failure {
  readonly reason: Reason | OwnReason;
  /** For a person, without secrets: "127.0.0.1:443 refused the connection". */
  readonly detail: string;
}

/**
 * What one probe of one address found, not yet evaluated. Whatever was learnt before a failure is in it,
 * and what was not received is absent, so that a condition on it fails.
 */
export interface ProbeResult {
  readonly phases: PhaseTimes;
  /** Milliseconds from the beginning to the last byte, or to the failure. */
  readonly time: number;
  readonly hops: readonly Hop[];
  /** The IP address that was talked to, of the last hop. */
  readonly address?: string;
  /** For example `HTTP/1.1`. */
  readonly protocol?: string;
  readonly status?: number;
  /** By name in lower case; several of one name are joined by a comma. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Decoded, as text. */
  readonly body?: string;
  /** Bytes of body as they came over the wire. */
  readonly bytesRead?: number;
  /** Bytes of body after decoding `content-encoding`. */
  readonly bytesDecoded?: number;
  readonly certificate?: Certificate;
  /** The records a DNS check got, one text each. */
  readonly answers?: readonly string[];
  readonly failure?: Failure;
  /** Something came back from the other side, be it a refusal: our own network works. */
  readonly heard?: true;
  /** Our resolver answered, be it that there is no such name. */
  readonly resolverAnswered?: true;
}

/** A result in the making. */
export type PartialResult = { -readonly [K in keyof ProbeResult]?: ProbeResult[K] } & { hops: Hop[] };
