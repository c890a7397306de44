import { isInRanges, notPublic, parseRange } from "../../../../shared/net/address-range.ts";
import { ProbeError } from "./probe-error.ts";

/**
 * Keeps a probe out of networks that are not public. A check is asked for by whoever may edit the config or
 * the checked site (by a redirect), and the function runs beside things that only trust their own network:
 * the metadata service, a VPC.
 *
 * Every address is checked, literal or looked up, at every hop, and it is the checked address that is then
 * connected to.
 */
export interface AddressFilter {
  /** Throws a `blocked` error when `address` (an IP address) is neither public nor allowed. */
  check(address: string): void;
}

/** `allowed`: CIDR ranges or addresses that are let through although they are not public. */
export function createAddressFilter(allowed: readonly string[]): AddressFilter {
  const ranges = allowed.map(parseRange);
  return {
    check(address) {
      const problem = notPublic(address, ranges);
      if (problem === undefined) return;
      throw new ProbeError("blocked", `${problem}: nothing was sent; sites.allow can let it through`);
    },
  };
}

/** The filter, which lets the networks of one site through as well. */
export function alsoAllowing(filter: AddressFilter, allowed: readonly string[]): AddressFilter {
  if (allowed.length === 0) return filter;
  const ranges = allowed.map(parseRange);
  return {
    check(address) {
      if (!isInRanges(address, ranges)) filter.check(address);
    },
  };
}
