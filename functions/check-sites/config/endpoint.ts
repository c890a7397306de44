import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import type { SecretRef } from "../../../shared/secrets/secret-ref.ts";
import { Expected } from "../evaluate/literals.ts";
import { RECORD_TYPES, type RecordType } from "../probe/net/resolver.ts";
import type { SiteOptions, SitePolicy } from "./policy.ts";

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

/** Whether there is a certificate to look at. */
export function hasCertificate(endpoint: Endpoint): boolean {
  if (endpoint.kind === "http") return endpoint.url.protocol === "https:";
  return endpoint.kind === "tcp" && endpoint.tls !== undefined;
}

/** Reads a site's address. Throws an `Expected` whose message is what should have stood there. */
export function readEndpoint(policy: SitePolicy): Endpoint {
  const url = URL.parse(policy.url);
  const port = /:(?<port>\d+)(?=[/?#]|$)/.exec(policy.url.replace(/^[a-z]+:\/\//i, ""))?.groups?.port;
  if (port !== undefined && !isPort(port) && !/^dns:[^/]/i.test(policy.url))
    throw new Expected(`a port from 1 to 65535 instead of ${port}`);
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

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function httpEndpoint(url: URL, policy: SitePolicy): Endpoint {
  url.hash = "";
  const headers = Object.entries(policy.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    kind: "http",
    url,
    method: policy.method ?? "GET",
    headers: Object.fromEntries(headers),
    redirects: policy.redirects ?? 10,
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
  const endpoint = { kind: "tcp", host: asciiHost(url.hostname), port } as const;
  return url.protocol === "tls:"
    ? { ...endpoint, tls: { ...tlsRefs(policy), ...(policy.alpn && { alpn: policy.alpn }) } }
    : endpoint;
}

/** `bücher.example` as DNS has it, `xn--bcher-kva.example`: of http addresses only the URL parser does it itself. */
function asciiHost(host: string): string {
  if (host.startsWith("[")) return host;
  const ascii = domainToASCII(decodeURIComponent(host));
  if (ascii === "") throw new Expected("a host name or an IP address");
  return ascii;
}

/** RFC 4501: `dns:example.com?type=MX`, or `dns://192.0.2.53/example.com?type=MX` to ask one server. */
function dnsEndpoint(url: URL): Endpoint {
  const name = asciiHost(url.pathname.replace(/^\//, "") || "-");
  const unknown = [...url.searchParams.keys()].find((key) => key !== "type");
  if (unknown !== undefined) {
    throw new Expected(
      `nothing behind the name but ?type=, such as dns:example.com?type=MX, instead of ?${unknown}=`,
    );
  }
  const recordType = (url.searchParams.get("type") ?? "A").toUpperCase();
  const type = RECORD_TYPES.find((known) => known === recordType);
  if (name === "-" || !/^[\w.-]+$/.test(name)) throw new Expected("a name, such as dns:example.com?type=MX");
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
