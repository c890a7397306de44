import { type DnsTarget, probeDns } from "./dns.ts";
import type { Facts } from "./net/result.ts";
import { type HttpTarget, probeHttp } from "./http.ts";
import type { ProbeContext } from "./types.ts";
import { probeTcp, type TcpTarget } from "./tcp.ts";

export type AnyTarget = HttpTarget | TcpTarget | DnsTarget;

/** Probes a target of any kind: one case a kind. */
export function probe(target: AnyTarget, context: ProbeContext): Promise<readonly Facts[]> {
  switch (target.kind) {
    case "http":
      return probeHttp(target, context);
    case "tcp":
      return probeTcp(target, context);
    case "dns":
      return probeDns(target, context);
  }
}
