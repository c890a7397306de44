import { validateHeaderValue } from "node:http";
import { messageOf } from "../../../shared/errors/message-of.ts";
import type { Credentials } from "../../../shared/secrets/credentials.ts";
import { isSecretRef, type SecretRef } from "../../../shared/secrets/secret-ref.ts";
import type { Endpoint, TlsRefs } from "../config/endpoint.ts";
import type { Site } from "../config/site.ts";
import { ProbeError } from "../probe/net/probe-error.ts";
import type { TlsIdentity } from "../probe/net/secure-context.ts";
import type { AnyTarget } from "../probe/probe.ts";

/** A site ready to be probed, and the secrets in it, which nothing that leaves this function may show. */
export interface Ready {
  readonly target: AnyTarget;
  readonly secrets: readonly string[];
}

/** Every reference to a secret in a site. */
export function secretRefs({ endpoint }: Site): SecretRef[] {
  if (endpoint.kind === "dns") return [];
  const texts: (string | SecretRef | undefined)[] = [
    endpoint.tls?.ca,
    endpoint.tls?.certificate,
    endpoint.tls?.key,
  ];
  if (endpoint.kind === "http") {
    const { auth } = endpoint;
    texts.push(endpoint.body, ...Object.values(endpoint.headers));
    if (auth) texts.push("bearer" in auth ? auth.bearer : auth.basic.password);
  }
  return texts.filter((text) => text !== undefined).filter(isSecretRef);
}

/** Puts the secrets in. Throws an `own-credentials` error when one is missing or cannot be used. */
export function readyToProbe(site: Site, credentials: Credentials): Ready {
  const secrets: string[] = [];
  const read = (text: string | SecretRef): string => {
    if (!isSecretRef(text)) return text;
    const value = secretValue(text, credentials);
    secrets.push(value);
    return value;
  };
  const common = { timeoutMs: site.timeoutMs, addresses: site.addresses };
  const { endpoint } = site;
  switch (endpoint.kind) {
    case "dns":
      return { target: { ...common, ...endpoint }, secrets };
    case "tcp": {
      const { tls, ...rest } = endpoint;
      return { target: { ...common, ...rest, ...(tls && { tls: identityOf(tls, read) }) }, secrets };
    }
    case "http": {
      const { auth, headers: plain, tls, body, ...rest } = endpoint;
      const authorization = auth && authorizationOf(auth, read);
      if (authorization !== undefined) secrets.push(authorization, authorization.replace(/^\w+ /, ""));
      const headers = Object.entries(plain).map(([name, value]) => [name, read(value)] as const);
      if (authorization !== undefined) headers.push(["authorization", authorization]);
      for (const [name, value] of headers) checkHeader(name, value);
      const target: AnyTarget = {
        ...common,
        ...rest,
        headers: Object.fromEntries(headers),
        readsBody: site.conditions.some(({ readsBody }) => readsBody),
        isBodySecret: body !== undefined && isSecretRef(body),
        tls: identityOf(tls, read),
        ...(body !== undefined && { body: read(body) }),
      };
      return { target, secrets };
    }
  }
}

function secretValue(ref: SecretRef, credentials: Credentials): string {
  try {
    return credentials.valueOf(ref);
  } catch (error) {
    throw new ProbeError("own-credentials", messageOf(error));
  }
}

function authorizationOf(
  auth: NonNullable<Extract<Endpoint, { kind: "http" }>["auth"]>,
  read: (text: SecretRef) => string,
): string {
  if ("bearer" in auth) return `Bearer ${read(auth.bearer)}`;
  const { user, password } = auth.basic;
  return `Basic ${Buffer.from(`${user}:${read(password)}`).toString("base64")}`;
}

/** A secret with a line break at its end is a common mistake, and would be an exception in the probe. */
function checkHeader(name: string, value: string): void {
  try {
    validateHeaderValue(name, value);
  } catch {
    throw new ProbeError(
      "own-credentials",
      `the value for the header ${name} has a character that no header may have`,
    );
  }
}

function identityOf<T extends TlsRefs>(
  { ca, certificate, key, ...policy }: T,
  read: (text: string | SecretRef) => string,
): TlsIdentity & Omit<T, "ca" | "certificate" | "key"> {
  return {
    ...policy,
    ...(ca !== undefined && { ca: read(ca) }),
    ...(certificate !== undefined && { certificate: read(certificate) }),
    ...(key !== undefined && { key: read(key) }),
  };
}
