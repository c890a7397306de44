import { asText, decode } from "./http-body.ts";
import { exchange, type Head } from "./http-exchange.ts";
import { openSocket, secure } from "./net/connect.ts";
import { ProbeError } from "./net/probe-error.ts";
import type { CertificateFacts, ProbeResult } from "./net/result.ts";
import { secureContextFor, type TlsIdentity } from "./net/secure-context.ts";
import { forEachAddress, type Pinned, type ProbeSession, pin, runProbe } from "./session.ts";
import type { Probe, ProbeContext, Target } from "./types.ts";

export interface HttpTarget extends Target {
  readonly kind: "http";
  /** `http:` or `https:`, without credentials in it. */
  readonly url: URL;
  readonly method: string;
  /** By name in lower case; credentials among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names of the headers that only the site's own origin may see. */
  readonly credentials: ReadonlySet<string>;
  readonly body?: string;
  /** Only the site's own origin may see the body. */
  readonly isBodySecret: boolean;
  /** Redirects followed; 0 follows none and takes the redirect itself as the answer. */
  readonly redirects: number;
  /** The limit of bytes read of a body, and of bytes after decoding it. */
  readonly maxBodyBytes: number;
  readonly tls: TlsIdentity;
}

interface Request {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const USER_AGENT = "Reflex-check-sites/1";
const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** HTTP and HTTPS: every hop on a fresh connection to one pinned address. */
export const probeHttp: Probe<HttpTarget> = (target, context) =>
  forEachAddress(target, target.url.hostname, context, (pinned) => probeAddress(target, context, pinned));

function probeAddress(target: HttpTarget, context: ProbeContext, pinned?: Pinned): Promise<ProbeResult> {
  return runProbe(
    target,
    context,
    async (gathering) => {
      const seen = new Set<string>();
      let request: Request | undefined = target;
      for (let hop = 0; request; hop++) {
        const key = `${request.method} ${request.url.href}`;
        if (seen.has(key))
          throw new ProbeError(
            "redirect",
            `the redirects go round in a circle, back to ${shown(request.url)}`,
          );
        if (hop > target.redirects && hop > 0) {
          throw new ProbeError(
            "redirect",
            `more than ${target.redirects} redirects, at last to ${shown(request.url)}`,
          );
        }
        seen.add(key);
        // A redirect may lead to another host: only the first hop has the pinned address.
        request = await probeHop(target, request, gathering, context, hop === 0 ? pinned : undefined);
      }
    },
    pinned?.resolveMs,
  );
}

/** One request and its answer. Gives the request to follow with, when the answer is a redirect to follow. */
async function probeHop(
  target: HttpTarget,
  request: Request,
  gathering: ProbeSession,
  context: ProbeContext,
  pinned: Pinned | undefined,
): Promise<Request | undefined> {
  const { draft, deadline, phases, hold } = gathering;
  const { url } = request;
  const hopIndex = draft.hops.push({ url: shown(url) }) - 1;
  const address = await pin(url.hostname, pinned, gathering, context);
  draft.hops[hopIndex] = { url: shown(url), address };

  phases.enter("connect");
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  let socket = hold(await openSocket(address, port, deadline));
  if (url.protocol === "https:") {
    phases.enter("tls");
    const identity = url.origin === target.url.origin ? target.tls : onlyTrust(target.tls);
    const tls = await secure(socket, url.hostname, secureContextFor(identity), deadline);
    draft.certificate = firstToExpire(draft.certificate, tls.certificate);
    if (tls.certificate.problem !== undefined) {
      draft.certificate = tls.certificate;
      throw new ProbeError(
        "certificate",
        `the certificate of ${url.hostname} is not trusted: ${tls.certificate.problem}`,
      );
    }
    socket = tls.socket;
  }

  let head: Head | undefined;
  const headers = {
    host: url.host,
    "user-agent": USER_AGENT,
    accept: "*/*",
    "accept-encoding": "identity",
    ...request.headers,
    ...lengthOf(request.body),
    connection: "close",
  };
  const body = await exchange(
    socket,
    { ...request, headers },
    {
      deadline,
      phases,
      maxBytes: target.maxBodyBytes,
      onHead: (answer) => {
        head = answer;
        draft.protocol = answer.protocol;
        draft.status = answer.status;
        draft.headers = answer.headers;
        draft.hops[hopIndex] = { url: shown(url), address, status: answer.status };
        return !isToFollow(target, answer);
      },
      onBytes: (read) => {
        draft.bytesRead = read;
      },
    },
  );
  if (head && isToFollow(target, head)) return follow(target, request, head);

  draft.bytesRead = body.length;
  const decoded = decode(body, head?.headers["content-encoding"], target.maxBodyBytes);
  draft.bytesDecoded = decoded.length;
  draft.body = asText(decoded, head?.headers["content-type"]);
  return undefined;
}

function isToFollow(target: HttpTarget, { status, headers }: Head): boolean {
  return target.redirects > 0 && FOLLOWED.has(status) && headers.location !== undefined;
}

/** The next request of a chain, as browsers make it (RFC 9110 15.4); credentials stay with their origin. */
function follow(target: HttpTarget, request: Request, { status, headers }: Head): Request {
  const url = URL.parse(headers.location ?? "", request.url.href);
  if (!url) throw new ProbeError("redirect", `the redirect's location cannot be read as an address`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ProbeError("redirect", `a redirect to ${url.protocol} is not followed`);
  }
  url.username = "";
  url.password = "";
  const isElsewhere = url.origin !== target.url.origin;
  const becomesGet = status === 303 ? request.method !== "HEAD" : status < 303 && request.method === "POST";
  const kept = Object.entries(request.headers).filter(
    ([name]) =>
      !(isElsewhere && (target.credentials.has(name) || name === "host")) &&
      !(becomesGet && name.startsWith("content-")),
  );
  const body = becomesGet ? undefined : request.body;
  if (body !== undefined && isElsewhere && target.isBodySecret) {
    throw new ProbeError(
      "redirect",
      `a redirect to ${url.origin} asks for the body, which is a secret: not sent there`,
    );
  }
  return {
    url,
    method: becomesGet ? "GET" : request.method,
    headers: Object.fromEntries(kept),
    ...(body !== undefined && { body }),
  };
}

/** Of a chain of redirects over several sites, the certificate to worry about. */
function firstToExpire(before: CertificateFacts | undefined, now: CertificateFacts): CertificateFacts {
  return before && before.validTo < now.validTo ? before : now;
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
}

function onlyTrust({ ca }: TlsIdentity): TlsIdentity {
  return ca === undefined ? {} : { ca };
}

/** An address without what may be secret in it: no query, no fragment, no credentials. */
export function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
