import { isSecretRef, type SecretRef } from "../../../shared/secrets/secret-ref.ts";
import type { Endpoint, TlsRefs } from "../config/endpoint.ts";
import type { Site } from "../config/site.ts";
import { secretRefs } from "../secrets/resolve-secrets.ts";
import type { SeenSite } from "./request.ts";

/** What of a site another region probes. */
export interface SiteElsewhere {
  readonly site: Site;
  readonly credentials: SeenSite["credentials"];
}

/** What can be looked at without credentials: transport, TLS, status. */
const WITHOUT_CREDENTIALS = /^(status|certificate\..+)$/;

/**
 * The site as another region probes it: once, and without its credentials unless the config lets them go there. The
 * run at home has tried it again already, where it should be.
 */
export function seenFromElsewhere(site: Site): SiteElsewhere {
  const once = { ...site, retries: 0 };
  if (secretRefs(site).length === 0) return { site: once, credentials: "none-needed" };
  if (site.confirm === "with-credentials") return { site: once, credentials: "sent" };
  return {
    site: {
      ...once,
      endpoint: withoutCredentials(site.endpoint),
      conditions: site.conditions.filter(({ subject }) => WITHOUT_CREDENTIALS.test(subject)),
    },
    credentials: "withheld",
  };
}

function withoutCredentials(endpoint: Endpoint): Endpoint {
  switch (endpoint.kind) {
    case "dns":
      return endpoint;
    case "tcp":
      return endpoint.tls
        ? { ...endpoint, tls: { ...withoutIdentity(endpoint.tls), ...alpnOf(endpoint.tls) } }
        : endpoint;
    case "http": {
      const { auth: _, body, headers, tls, ...rest } = endpoint;
      const isInClear = (text: string | SecretRef) => !isSecretRef(text);
      return {
        ...rest,
        tls: withoutIdentity(tls),
        headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => isInClear(value))),
        ...(body !== undefined && isInClear(body) && { body }),
      };
    }
  }
}

function alpnOf({ alpn }: { readonly alpn?: readonly string[] }) {
  return alpn ? { alpn } : {};
}

/** Nor the authority where it is a reference: it may stand in one secret with the rest. */
function withoutIdentity({ ca, serverName, insecure }: TlsRefs): TlsRefs {
  return {
    ...(ca !== undefined && !isSecretRef(ca) && { ca }),
    ...(serverName !== undefined && { serverName }),
    ...(insecure && { insecure }),
  };
}
