import type { TlsPolicy } from "../net/connect.ts";
import type { TlsIdentity } from "../net/secure-context.ts";
import type { Target } from "../types.ts";

export interface HttpTarget extends Target {
  readonly kind: "http";
  /** `http:` or `https:`, without credentials in it. */
  readonly url: URL;
  readonly method: string;
  /** By name in lower case, credentials among them: only the site's own origin sees more than the harmless ones. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Only the site's own origin may see the body. */
  readonly isBodySecret: boolean;
  /** Redirects followed; 0 follows none and takes the redirect itself as the answer. */
  readonly redirects: number;
  /** The limit of bytes read of a body, and of bytes after decoding it. */
  readonly maxBodyBytes: number;
  /** Whether a condition reads the body: else its decoding and its size are nobody's concern. */
  readonly readsBody: boolean;
  /** An answer that is not as the RFCs have it is an error. */
  readonly strict: boolean;
  /** HTTP/2 is offered first; else only to a server that takes nothing else. */
  readonly http2: boolean;
  readonly tls: TlsIdentity & TlsPolicy;
}

export interface Request {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
