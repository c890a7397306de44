import { ProbeError } from "./net/probe-error.ts";
import { createResolver, type RecordType } from "./net/resolver.ts";
import { byOurResolver, runProbe } from "./session.ts";
import type { Probe, Target } from "./types.ts";

export interface DnsTarget extends Target {
  readonly kind: "dns";
  /** The name that is asked for. */
  readonly name: string;
  readonly type: RecordType;
  /** The server that is asked, an IP address, perhaps with a port; absent, our own resolver. */
  readonly server?: { readonly address: string; readonly port: number };
}

/** A DNS query. When a server is named, it is the server that is checked: its silence is the site's fault. */
export const probeDns: Probe<DnsTarget> = async (target, context) => [
  await runProbe(target, context, async ({ partial, deadline, phases }) => {
    const { server, name, type } = target;
    partial.hops.push({
      url: `dns:${server ? `//${server.address}:${server.port}/` : ""}${name}?type=${type}`,
    });
    if (!server) {
      phases.enter("processing");
      partial.answers = await byOurResolver(context.resolver.records(name, type, deadline));
      partial.resolverAnswered = true;
      return;
    }
    partial.address = server.address;
    context.addressFilter.check(server.address);
    const host = server.address.includes(":") ? `[${server.address}]` : server.address;
    // The probe's deadline comes first: a silent server is a `timeout`.
    const resolver = createResolver([`${host}:${server.port}`], 2 * target.timeoutMs, 1);
    phases.enter("processing");
    partial.answers = await resolver.records(name, type, deadline).catch((error) => {
      throw error instanceof ProbeError ? asServerError(error, `${host}:${server.port}`) : error;
    });
    partial.heard = true;
  }),
];

/** The server is the one that is checked: its answers prove the network, and its silence is its own. */
function asServerError(error: ProbeError, server: string): ProbeError {
  if (error.reason === "own-dns") return new ProbeError("dns", `${server} did not answer`);
  return new ProbeError(error.reason, error.message, error.proves && "network");
}
