import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { ProbeError } from "./probe-error.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

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
      const parsed = ipaddr.parse(address);
      const reached = unwrap(parsed);
      if (isIn(ranges, parsed)) return;
      const range = reached.range();
      if (range === "unicast") return;
      throw new ProbeError(
        "blocked",
        `${reached.toString()} is not a public address (${spoken(range)}): nothing was sent; sites.allow can let it through`,
      );
    },
  };
}

/** The filter, which lets the networks of one site through as well. */
export function alsoAllowing(filter: AddressFilter, allowed: readonly string[]): AddressFilter {
  if (allowed.length === 0) return filter;
  const ranges = allowed.map(parseRange);
  return {
    check(address) {
      if (!isIn(ranges, ipaddr.parse(address))) filter.check(address);
    },
  };
}

/** Reads `10.0.0.0/8` or `10.1.2.3`; throws an Error that says what was found. */
export function parseRange(text: string): Range {
  const [address = "", bits, ...rest] = text.split("/");
  const longest = isIP(address) === 6 ? 128 : 32;
  // ipaddr.js alone would also read `10.0.0` and `012.0.0.1`, as other addresses than were meant.
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
  if (!isIP(address) || !isRange || rest.length > 0) {
    throw new Error(`found "${text}", expected an address range such as 10.0.0.0/8 or fd00::/8`);
  }
  return [ipaddr.parse(address), Number(bits ?? longest)];
}

/** As it is written, or by the IPv4 address that it carries. */
function isIn(ranges: readonly Range[], address: Address): boolean {
  const reached = unwrap(address);
  return ranges.some((range) => contains(range, address) || contains(range, reached));
}

/** Whether `address` lies in `range`; an IPv4 address is in no IPv6 range and the other way round. */
export function contains([network, bits]: Range, address: Address): boolean {
  if (network instanceof ipaddr.IPv4) return address instanceof ipaddr.IPv4 && address.match(network, bits);
  return address instanceof ipaddr.IPv6 && address.match(network, bits);
}

/** The IPv4 address inside an IPv6 one (`::ffff:10.0.0.1`, `64:ff9b::10.0.0.1`): it is where the packets go. */
export function unwrap(address: Address): Address {
  if (address instanceof ipaddr.IPv4) return address;
  if (address.range() === "loopback" || address.range() === "unspecified") return address;
  const carried = CARRIERS.find(([network, bits]) => address.match(network, bits));
  if (!carried) return address;
  const bytes = address.toByteArray();
  return new ipaddr.IPv4(bytes.slice(carried[2], carried[2] + 4));
}

/** IPv6 networks whose addresses carry an IPv4 address, and the byte it begins at. */
const CARRIERS: readonly (readonly [ipaddr.IPv6, number, number])[] = [
  // IPv4-mapped and IPv4-compatible, RFC 4291 2.5.5.
  [ipaddr.IPv6.parse("::ffff:0:0"), 96, 12],
  [ipaddr.IPv6.parse("::"), 96, 12],
  // NAT64, RFC 6052.
  [ipaddr.IPv6.parse("64:ff9b::"), 96, 12],
  // 6to4, RFC 3056.
  [ipaddr.IPv6.parse("2002::"), 16, 2],
];

function spoken(range: string): string {
  return range.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
