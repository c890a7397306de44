import { type DnsTarget, probeDns } from "./dns.ts";
import { probeHttp } from "./http/http.ts";
import type { HttpTarget } from "./http/target.ts";
import type { ProbeResult } from "./net/result.ts";
import { probeTcp, type TcpTarget } from "./tcp.ts";
import type { ProbeContext } from "./types.ts";

export type AnyTarget = HttpTarget | TcpTarget | DnsTarget;

/** Probes a target of any kind: one case a kind. */
export function probe(target: AnyTarget, context: ProbeContext): Promise<readonly ProbeResult[]> {
  switch (target.kind) {
    case "http":
      return probeHttp(target, context);
    case "tcp":
      return probeTcp(target, context);
    case "dns":
      return probeDns(target, context);
  }
}
