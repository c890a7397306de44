import { Resolver as DnsResolver } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { Deadline } from "./deadline.ts";
import { codeOf, ProbeError } from "./probe-error.ts";

/** Which of a name's addresses are probed: the first one, or each of them, one probe each. */
export type AddressPolicy = "first" | "every";

/** Looks names up by DNS queries of its own. */
export interface Resolver {
  /**
   * The addresses of `host` (a name, an address, or an address in brackets), IPv4 before IPv6; at least one.
   * Throws a `dns` error when the name has none, `own-dns` when our resolver does not answer.
   */
  addresses(host: string, policy: AddressPolicy, deadline: Deadline): Promise<readonly string[]>;
  /** The records of one type, one text each. The errors are the same. */
  records(name: string, type: RecordType, deadline: Deadline): Promise<readonly string[]>;
}

export const RECORD_TYPES = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/**
 * Our own resolver instead of `dns.lookup`, which shares four threads among all probes: there, one dead name
 * server would hold up every healthy site. (So `/etc/hosts` is not read; `localhost` is known, RFC 6761.)
 *
 * `servers` are `address` or `address:port`; without them, those of the machine. `timeoutMs` is per try.
 */
export function createResolver(servers?: readonly string[], timeoutMs = 2000, tries = 2): Resolver {
  const resolver = new DnsResolver({ timeout: timeoutMs, tries });
  if (servers && servers.length > 0) resolver.setServers(servers);

  const query = <T>(what: string, deadline: Deadline, ask: () => Promise<T>): Promise<T> =>
    deadline.step((done, failed) => {
      ask().then(done, (error) => failed(asProbeError(what, error)));
    });

  const ipv4 = (host: string, deadline: Deadline) =>
    query(`${host} A`, deadline, () => resolver.resolve4(host));
  const ipv6 = (host: string, deadline: Deadline) =>
    query(`${host} AAAA`, deadline, () => resolver.resolve6(host));

  return {
    async addresses(host, policy, deadline) {
      const bare = bareHost(host);
      if (isIP(bare)) return [bare];
      if (/^(.*\.)?localhost\.?$/i.test(host))
        return policy === "first" ? ["127.0.0.1"] : ["127.0.0.1", "::1"];
      if (policy === "first") {
        const found = await ipv4(host, deadline).catch(orNoneOfThisType);
        return found.length > 0 ? found : await ipv6(host, deadline);
      }
      const both = await Promise.allSettled([
        ipv4(host, deadline).catch(orNoneOfThisType),
        // Addresses we have no network for say nothing about the site.
        hasIpv6() ? ipv6(host, deadline).catch(orNoneOfThisType) : [],
      ]);
      const found = both.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
      if (found.length > 0) return found;
      // Clients use the type that is answered; where neither is, the first error says why.
      const failed = both.find((one) => one.status === "rejected");
      if (failed) throw failed.reason;
      return ipv6(host, deadline);
    },
    records: (name, type, deadline) =>
      query(`${name} ${type}`, deadline, () => recordsOf(resolver, name, type)),
  };
}

/** A host of a URL without the brackets around an IPv6 address. */
export function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

/** Whether this machine has an IPv6 address that reaches beyond itself. Lambda outside a VPC has none. */
export function hasIpv6(): boolean {
  return Object.values(networkInterfaces())
    .flat()
    .some((network) => network?.family === "IPv6" && !network.internal && network.scopeid === 0);
}

/** The name exists but has no record of the type: no error as long as another type may have one. */
class NoRecord extends ProbeError {}

function orNoneOfThisType(error: unknown): string[] {
  if (error instanceof NoRecord) return [];
  throw error;
}

function asProbeError(what: string, error: unknown): ProbeError {
  const code = codeOf(error);
  switch (code) {
    case "ENODATA":
      return new NoRecord("dns", `${what}: the name has no such record`, "resolver");
    case "ENOTFOUND":
      return new ProbeError("dns", `${what}: the name does not exist`, "resolver");
    case "ETIMEOUT":
    case "ECONNREFUSED":
    case "ECANCELLED":
      return new ProbeError("own-dns", `${what}: our DNS resolver did not answer (${code})`);
    default:
      return new ProbeError("dns", `${what}: the look-up failed (${code || String(error)})`);
  }
}

async function recordsOf(resolver: DnsResolver, name: string, type: RecordType): Promise<string[]> {
  switch (type) {
    case "A":
      return resolver.resolve4(name);
    case "AAAA":
      return resolver.resolve6(name);
    case "CNAME":
      return resolver.resolveCname(name);
    case "NS":
      return resolver.resolveNs(name);
    case "PTR":
      return resolver.resolvePtr(name);
    case "TXT":
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(""));
    case "MX":
      return (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`);
    case "SRV":
      return (await resolver.resolveSrv(name)).map(
        ({ priority, weight, port, name: target }) => `${priority} ${weight} ${port} ${target}`,
      );
    case "SOA": {
      const soa = await resolver.resolveSoa(name);
      return [
        `${soa.nsname} ${soa.hostmaster} ${soa.serial} ${soa.refresh} ${soa.retry} ${soa.expire} ${soa.minttl}`,
      ];
    }
    case "CAA":
      return (await resolver.resolveCaa(name)).map(
        ({ critical, issue = "", issuewild = "", iodef = "" }) =>
          `${critical} ${issue ? `issue ${issue}` : issuewild ? `issuewild ${issuewild}` : `iodef ${iodef}`}`,
      );
  }
}
