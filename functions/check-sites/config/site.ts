import { isIP } from "node:net";
import * as z from "zod/mini";
import { parseWindow, type Window } from "../../../shared/time/windows.ts";
import { CERTIFICATE_EXPIRY } from "../evaluate/certificate-expiry.ts";
import { type Condition, compileCondition } from "../evaluate/condition.ts";
import { Expected } from "../evaluate/literals.ts";
import type { AddressPolicy } from "../probe/net/resolver.ts";
import { RECORD_TYPES, type RecordType } from "../probe/net/resolver.ts";
import { type SiteOptions, type SitePolicy, sitesSection } from "./policy.ts";
import type { SecretRef } from "./secret-ref.ts";
import type { Threshold } from "./threshold.ts";

/** One site as the config describes it, compiled: nothing of it can be wrong any more but its secrets. */
export interface Site {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly addresses: AddressPolicy;
  readonly conditions: readonly Condition[];
  /** Further attempts within the run after one that was not UP. */
  readonly retries: number;
  readonly downAfter: Threshold;
  readonly upAfter: Threshold;
  /** Milliseconds between reminders of a site that is still DOWN; 0 for none. */
  readonly remindAfterMs: number;
  readonly maintenance: readonly Window[];
  /** Resources of the ledger whose latest acts a notification shows: `stream/orders`. */
  readonly related: readonly string[];
}

type Text = string | SecretRef;

/** What is probed, by kind, its secrets still references. */
export type Endpoint =
  | {
      readonly kind: "http";
      readonly url: URL;
      readonly method: string;
      readonly headers: Readonly<Record<string, Text>>;
      readonly auth?: NonNullable<SiteOptions["auth"]>;
      readonly body?: Text;
      readonly redirects: number;
      readonly maxBodyBytes: number;
      readonly strict: boolean;
      readonly http2: boolean;
      readonly tls: TlsRefs;
    }
  | {
      readonly kind: "tcp";
      readonly host: string;
      readonly port: number;
      readonly tls?: TlsRefs & { readonly alpn?: readonly string[] };
    }
  | {
      readonly kind: "dns";
      readonly name: string;
      readonly type: RecordType;
      readonly server?: { readonly address: string; readonly port: number };
    };

export interface TlsRefs {
  readonly ca?: Text;
  readonly certificate?: Text;
  readonly key?: SecretRef;
  readonly serverName?: string;
  readonly insecure?: boolean;
}

export interface StatusPageOptions {
  readonly title: string;
}

/** The section `sites`, compiled. */
export interface Sites {
  readonly concurrency: number;
  readonly perInvocation: number;
  readonly allow: readonly string[];
  readonly resolvers: readonly string[];
  /** An address that answers while our own network works; absent, the AWS endpoint the run speaks to. */
  readonly canary?: URL;
  /** For so long silence may be taken for our own network's. */
  readonly suspectAtMostMs: number;
  readonly statusPage?: StatusPageOptions;
  /** In the order of the file. */
  readonly list: readonly Site[];
}

/** Something wrong in one site, at `path` below it. */
interface SiteProblem {
  readonly path: readonly (string | number)[];
  readonly expected: string;
}

/** The schema by which the section is loaded: its value is compiled, its problems have their place. */
export const sites = z.pipe(
  sitesSection,
  z.transform((section, context): Sites => {
    const list: Site[] = [];
    for (const [name, own] of Object.entries(section.list)) {
      const compiled = compileSite(name, { ...section.defaults, ...own });
      if ("site" in compiled) {
        list.push(compiled.site);
        continue;
      }
      for (const { path, expected } of compiled.problems) {
        // A condition of the defaults is wrong where it stands, and once.
        const inDefaults = path[0] === "conditions" && own.conditions === undefined;
        const place = inDefaults ? ["defaults", ...path] : ["list", name, ...path];
        const seen = context.issues.some((issue) => issue.path?.join() === place.join());
        if (!seen) context.issues.push({ code: "custom", input: section, path: place, message: expected });
      }
    }
    const { concurrency, perInvocation, allow, resolvers, statusPage, canary, suspectAtMostMinutes } =
      section;
    return {
      concurrency,
      perInvocation,
      allow,
      resolvers,
      list,
      suspectAtMostMs: suspectAtMostMinutes * 60_000,
      ...(canary !== undefined && { canary: new URL(canary) }),
      ...(statusPage && { statusPage }),
    };
  }),
);

/** Compiles one site, its defaults already filled in; or tells everything that is wrong with it. */
export function compileSite(name: string, policy: SitePolicy): { site: Site } | { problems: SiteProblem[] } {
  const problems: SiteProblem[] = [];
  let endpoint: Endpoint | undefined;
  try {
    endpoint = readEndpoint(policy);
  } catch (error) {
    problems.push({ path: ["url"], expected: expectation(error) });
  }
  const kind = endpoint?.kind ?? "http";
  const conditions: Condition[] = [];
  (policy.conditions ?? []).forEach((text, index) => {
    try {
      conditions.push(compileCondition(text, kind));
    } catch (error) {
      problems.push({ path: ["conditions", index], expected: expectation(error) });
    }
  });
  if (!endpoint || problems.length > 0) return { problems };
  return {
    site: {
      name,
      endpoint,
      timeoutMs: Math.round((policy.timeoutSeconds ?? 10) * 1000),
      addresses: policy.addresses ?? "first",
      conditions: withDefaults(conditions, endpoint),
      retries: policy.retries ?? 0,
      downAfter: asThreshold(policy.downAfter ?? 2),
      upAfter: asThreshold(policy.upAfter ?? 2),
      remindAfterMs: (policy.remindAfterMinutes ?? 240) * 60_000,
      maintenance: (policy.maintenance ?? []).map(parseWindow),
      related: policy.related ?? [],
    },
  };
}

/**
 * Conditions that every site has unless it says something of its own about the same subject: an HTTP answer
 * must have a good status, and a certificate must not be about to expire.
 */
const DEFAULT_CONDITIONS: readonly { condition: Condition; applies: (endpoint: Endpoint) => boolean }[] = [
  { condition: compileCondition("status in 200-299", "http"), applies: ({ kind }) => kind === "http" },
  { condition: CERTIFICATE_EXPIRY, applies: hasCertificate },
];

function withDefaults(own: readonly Condition[], endpoint: Endpoint): Condition[] {
  const defaults = DEFAULT_CONDITIONS.filter(({ applies }) => applies(endpoint)).map(
    ({ condition }) => condition,
  );
  return [
    ...defaults.filter(({ subject }) => !own.some((condition) => condition.subject === subject)),
    ...own,
  ];
}

function hasCertificate(endpoint: Endpoint): boolean {
  if (endpoint.kind === "http") return endpoint.url.protocol === "https:";
  return endpoint.kind === "tcp" && endpoint.tls !== undefined;
}

function readEndpoint(policy: SitePolicy): Endpoint {
  const url = URL.parse(policy.url);
  if (url && (url.username !== "" || url.password !== "")) {
    throw new Expected("an address without a user and password in it: use auth");
  }
  switch (url?.protocol) {
    case "http:":
    case "https:":
      return httpEndpoint(url, policy);
    case "tcp:":
    case "tls:":
      return tcpEndpoint(url, policy);
    case "dns:":
      return dnsEndpoint(url);
    default:
      throw new Expected(
        "an address that begins with https://, http://, tcp://, tls:// or dns:, such as https://shop.example.com/health",
      );
  }
}

function httpEndpoint(url: URL, policy: SitePolicy): Endpoint {
  url.hash = "";
  const headers = Object.entries(policy.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    kind: "http",
    url,
    method: policy.method ?? "GET",
    headers: Object.fromEntries(headers),
    redirects: policy.redirects ?? 5,
    maxBodyBytes: policy.maxBodyBytes ?? 2_000_000,
    strict: policy.strict ?? false,
    http2: policy.http2 ?? false,
    tls: tlsRefs(policy),
    ...(policy.auth && { auth: policy.auth }),
    ...(policy.body !== undefined && { body: policy.body }),
  };
}

function tcpEndpoint(url: URL, policy: SitePolicy): Endpoint {
  const port = Number(url.port);
  if (url.hostname === "" || port === 0 || (url.pathname !== "" && url.pathname !== "/")) {
    throw new Expected("a host and a port, such as tcp://db.example.com:5432 or tls://mail.example.com:993");
  }
  const endpoint = { kind: "tcp", host: url.hostname, port } as const;
  return url.protocol === "tls:"
    ? { ...endpoint, tls: { ...tlsRefs(policy), ...(policy.alpn && { alpn: policy.alpn }) } }
    : endpoint;
}

/** RFC 4501: `dns:example.com?type=MX`, or `dns://192.0.2.53/example.com?type=MX` to ask one server. */
function dnsEndpoint(url: URL): Endpoint {
  const name = url.pathname.replace(/^\//, "");
  const recordType = (url.searchParams.get("type") ?? "A").toUpperCase();
  const type = RECORD_TYPES.find((known) => known === recordType);
  if (name === "" || !/^[\w.-]+$/.test(name)) throw new Expected("a name, such as dns:example.com?type=MX");
  if (!type) throw new Expected(`a type out of ${RECORD_TYPES.join(", ")}`);
  if (url.hostname === "") return { kind: "dns", name, type };
  const address = url.hostname.replace(/^\[|\]$/g, "");
  if (!isIP(address))
    throw new Expected("the IP address of a DNS server, such as dns://192.0.2.53/example.com");
  return { kind: "dns", name, type, server: { address, port: Number(url.port) || 53 } };
}

function tlsRefs({ ca, clientCertificate, serverName, insecure }: SitePolicy): TlsRefs {
  return {
    ...(ca !== undefined && { ca }),
    ...(serverName !== undefined && { serverName }),
    ...(insecure && { insecure }),
    ...clientCertificate,
  };
}

function asThreshold(threshold: NonNullable<SitePolicy["downAfter"]>): Threshold {
  return typeof threshold === "number" ? { count: threshold, of: threshold } : threshold;
}

function expectation(error: unknown): string {
  if (error instanceof Expected) return error.message;
  throw error;
}

/** The address as a person may see it: no query, in which tokens are often kept. */
export function shownEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case "http":
      return `${endpoint.url.origin}${endpoint.url.pathname}`;
    case "tcp":
      return `${endpoint.tls ? "tls" : "tcp"}://${endpoint.host}:${endpoint.port}`;
    case "dns":
      return `dns:${endpoint.server ? `//${endpoint.server.address}/` : ""}${endpoint.name}?type=${endpoint.type}`;
  }
}
