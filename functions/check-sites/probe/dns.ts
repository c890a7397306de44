import { ProbeError } from "./net/probe-error.ts";
import { createResolver, type RecordType } from "./net/resolver.ts";
import { runProbe } from "./session.ts";
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
      partial.answers = await context.resolver.records(name, type, deadline);
      return;
    }
    partial.address = server.address;
    context.addressFilter.check(server.address);
    const host = server.address.includes(":") ? `[${server.address}]` : server.address;
    // The probe's deadline comes first: a silent server is a `timeout`.
    const resolver = createResolver([`${host}:${server.port}`], 2 * target.timeoutMs, 1);
    phases.enter("processing");
    partial.answers = await resolver.records(name, type, deadline).catch((error) => {
      if (error instanceof ProbeError && error.reason === "own-dns")
        throw new ProbeError("dns", `${host}:${server.port} did not answer`);
      throw error;
    });
  }),
];
