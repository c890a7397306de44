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
  if (!url && /^(https?|tcp|tls):/i.test(policy.url)) {
    throw new Expected(
      "a host name or an IP address behind the scheme, such as https://shop.example.com/health",
    );
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
    default: {
      const here = OTHER_SCHEMES[url?.protocol ?? ""];
      throw new Expected(
        `an address that begins with https://, http://, tcp://, tls:// or dns:, such as ${here ?? "https://shop.example.com/health"}`,
      );
    }
  }
}

/** What is probed of addresses that other tools know. */
const OTHER_SCHEMES: Readonly<Record<string, string>> = {
  "ws:": "http://shop.example.com/socket (the answer to a plain request is checked)",
  "wss:": "https://shop.example.com/socket (the answer to a plain request is checked)",
  "icmp:": "tcp://host:port (there is no ping)",
  "ping:": "tcp://host:port (there is no ping)",
  "ssh:": "tcp://host:22",
  "starttls:": "tcp://host:587, or tls://host:465 where TLS comes first",
  "smtp:": "tcp://host:587, or tls://host:465 where TLS comes first",
  "udp:": "dns://192.0.2.53/example.com for a DNS server (no other UDP is spoken)",
  "grpc:": "https://host:port with http2: true, or tcp://host:port",
  "postgres:": "tcp://host:5432",
  "mysql:": "tcp://host:3306",
  "redis:": "tcp://host:6379",
  "mongodb:": "tcp://host:27017",
};

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function httpEndpoint(url: URL, policy: SitePolicy): Endpoint {
  url.hash = "";
  requireHostName(url.hostname);
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
  if (url.search !== "" || url.hash !== "") {
    throw new Expected(`nothing behind the port instead of ${url.search}${url.hash}`);
  }
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
  requireHostName(ascii);
  return ascii;
}

/** What the URL parser takes and no name server knows: a placeholder that was not filled in, a label that is too long. */
function requireHostName(host: string): void {
  if (host.startsWith("[")) return;
  const labels = host.replace(/\.$/, "").split(".");
  if (host.length <= 254 && labels.every((label) => /^[\w-]{1,63}$/.test(label))) return;
  throw new Expected(
    `a host name (letters, digits and hyphens, at most 63 between two dots) or an IP address instead of ${host}`,
  );
}

/** RFC 4501: `dns:example.com?type=MX`, or `dns://192.0.2.53/example.com?type=MX` to ask one server. */
function dnsEndpoint(url: URL): Endpoint {
  const server = url.hostname.replace(/^\[|\]$/g, "");
  const name = asciiHost(url.pathname.replace(/^\//, "") || "-");
  const unknown = [...url.searchParams.keys()].find((key) => key !== "type");
  if (unknown !== undefined) {
    throw new Expected(
      `nothing behind the name but ?type=, such as dns:example.com?type=MX, instead of ?${unknown}=`,
    );
  }
  const [asked = "A", ...others] = url.searchParams.getAll("type");
  if (others.length > 0) throw new Expected("one ?type=: each type is a site of its own");
  const recordType = asked.toUpperCase();
  const type = RECORD_TYPES.find((known) => known === recordType);
  if (name === "-" || !/^[\w.-]+$/.test(name)) {
    throw new Expected(
      `a name, such as ${server === "" ? "dns:example.com?type=MX" : `dns://${url.host}/example.com?type=MX`}`,
    );
  }
  if (isIP(name)) throw new Expected(insteadOfAddress(name, recordType));
  if (!type) throw new Expected(`a type out of ${RECORD_TYPES.join(", ")}`);
  if (server === "") return { kind: "dns", name, type };
  if (!isIP(server))
    throw new Expected("the IP address of a DNS server, such as dns://192.0.2.53/example.com");
  return { kind: "dns", name, type, server: { address: server, port: Number(url.port) || 53 } };
}

/** An address has no records; asked for them, the resolver gives the address itself, so it would always be UP. */
function insteadOfAddress(address: string, type: string): string {
  const reversed = address.split(".").toReversed().join(".");
  return type === "PTR"
    ? `the name ${reversed}.in-addr.arpa: by that an address is looked up`
    : `a name, such as dns:example.com, or dns://${address}/example.com to ask this server`;
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
