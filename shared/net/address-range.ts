import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Range = [Address, number];

/**
 * What is the matter with an address that must be public, or must lie in one of the ranges that are let through:
 * `10.0.0.1 is not a public address (private)`; undefined where nothing is.
 *
 * @param address an IP address
 */
export function notPublic(address: string, allowed: readonly Range[]): string | undefined {
  if (isInRanges(address, allowed)) return undefined;
  const reached = unwrap(ipaddr.parse(address));
  const range = reached.range();
  return range === "unicast" ? undefined : `${reached.toString()} is not a public address (${spoken(range)})`;
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
export function isInRanges(address: string, ranges: readonly Range[]): boolean {
  const parsed = ipaddr.parse(address);
  const reached = unwrap(parsed);
  return ranges.some((range) => contains(range, parsed) || contains(range, reached));
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
