import type { Stopwatch } from "../../../shared/time/clock.ts";
import type { AddressFilter } from "./net/address-filter.ts";
import type { AddressPolicy, Resolver } from "./net/resolver.ts";
import type { ProbeResult } from "./net/result.ts";

/** What every kind of probe is given. */
export interface ProbeContext {
  readonly resolver: Resolver;
  readonly addressFilter: AddressFilter;
  readonly stopwatch: Stopwatch;
  /** Fires when our run must stop probing: what is under way becomes UNKNOWN (`deadline`). */
  readonly run: AbortSignal;
}

/** What every kind of target has. */
export interface Target {
  /** For the whole probe of one address, from the look-up through the last byte. */
  readonly timeoutMs: number;
  readonly addresses: AddressPolicy;
}

/**
 * Probes one target: one result for each address that was chosen, at least one. An error of the site is in
 * the result, never thrown.
 */
export type Probe<T extends Target> = (target: T, context: ProbeContext) => Promise<readonly ProbeResult[]>;
