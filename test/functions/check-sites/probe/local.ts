import { networkInterfaces } from "node:os";
import { onTestFinished } from "vitest";
import type { HttpTarget } from "../../../../functions/check-sites/probe/http/target.ts";
import { createAddressFilter } from "../../../../functions/check-sites/probe/net/address-filter.ts";
import { createResolver } from "../../../../functions/check-sites/probe/net/resolver.ts";
import type { ProbeResult } from "../../../../functions/check-sites/probe/net/result.ts";
import { type AnyTarget, probe } from "../../../../functions/check-sites/probe/probe.ts";
import type { ProbeContext } from "../../../../functions/check-sites/probe/types.ts";
import type { Behaviour } from "../../../../sandbox/sites/behaviours.ts";
import { type NameServer, startNameServer, type Zone } from "../../../../sandbox/sites/name-server.ts";
import { type Site, type SiteOptions, startSite } from "../../../../sandbox/sites/site.ts";

/** Whether this machine has IPv6 at least for itself: some containers have not, and what needs it is skipped. */
export const HAS_IPV6 = Object.values(networkInterfaces())
  .flat()
  .some((network) => network?.family === "IPv6" && network.address === "::1");

/** Lets loopback through the guard, as the tests' sites are there. */
export const LOOPBACK = ["127.0.0.0/8", "::1/128"];

export function contextWith(parts: Partial<ProbeContext> = {}): ProbeContext {
  return {
    resolver: createResolver(),
    addressFilter: createAddressFilter(LOOPBACK),
    stopwatch: () => performance.now(),
    run: new AbortController().signal,
    ...parts,
  };
}

export function httpTarget(url: string, parts: Partial<HttpTarget> = {}): HttpTarget {
  return {
    kind: "http",
    url: new URL(url),
    method: "GET",
    headers: {},
    isBodySecret: false,
    readsBody: true,
    strict: false,
    http2: false,
    redirects: 5,
    maxBodyBytes: 100_000,
    timeoutMs: 5000,
    addresses: "first",
    tls: {},
    ...parts,
  };
}

/** The facts of the one address that was probed. */
export async function factsOf(target: AnyTarget, context = contextWith()): Promise<ProbeResult> {
  const [result, ...more] = await probe(target, context);
  if (!result || more.length > 0)
    throw new Error(`expected one probe, found ${more.length + (result ? 1 : 0)}`);
  return result;
}

/** A site that is stopped when the test ends. */
export async function site(behaviour: Behaviour, options: Partial<SiteOptions> = {}): Promise<Site> {
  const started = await startSite({ behaviour, ...options });
  onTestFinished(() => started.stop());
  return started;
}

/** A name server that is stopped when the test ends. */
export async function nameServer(zone: Zone): Promise<NameServer> {
  const started = await startNameServer(zone);
  onTestFinished(() => started.stop());
  return started;
}
