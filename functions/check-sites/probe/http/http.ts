import type { Socket } from "node:net";
import { requireTrusted } from "../net/certificate.ts";
import { secure } from "../net/connect.ts";
import { ProbeError } from "../net/probe-error.ts";
import type { Certificate, Hop, ProbeResult } from "../net/result.ts";
import { secureContextFor, type TlsIdentity } from "../net/secure-context.ts";
import { connectTo, forEachAddress, type Pinned, type ProbeSession, pin, runProbe } from "../session.ts";
import type { Probe, ProbeContext } from "../types.ts";
import { asText, decode } from "./body.ts";
import { exchange, type Head } from "./exchange.ts";
import { follow, isToFollow, shown } from "./redirect.ts";
import type { HttpTarget, Request } from "./target.ts";

const USER_AGENT = "Reflex-check-sites/1";

/** HTTP and HTTPS: every hop on a fresh connection to one pinned address. */
export const probeHttp: Probe<HttpTarget> = (target, context) =>
  forEachAddress(target, target.url.hostname, context, (pinned) => probeAddress(target, context, pinned));

function probeAddress(target: HttpTarget, context: ProbeContext, pinned?: Pinned): Promise<ProbeResult> {
  return runProbe(
    target,
    context,
    (session) => followChain({ target, session, context }, pinned),
    pinned?.resolveMs,
  );
}

/** What every hop of a chain works with. */
interface Chain {
  readonly target: HttpTarget;
  readonly session: ProbeSession;
  readonly context: ProbeContext;
}

/** The first request, and one for each redirect that is to be followed. */
async function followChain(chain: Chain, pinned: Pinned | undefined): Promise<void> {
  const { redirects } = chain.target;
  const requested = new Set<string>();
  let request: Request | undefined = chain.target;
  for (let hop = 0; request; hop++) {
    const key = `${request.method} ${request.url.href}`;
    if (requested.has(key)) {
      throw new ProbeError("redirect", `the redirects form a loop, back to ${shown(request.url)}`);
    }
    if (hop > redirects && hop > 0) {
      throw new ProbeError("redirect", `more than ${redirects} redirects, the last to ${shown(request.url)}`);
    }
    requested.add(key);
    // A redirect may lead to another host: only the first hop has the pinned address.
    request = await probeHop(chain, request, hop === 0 ? pinned : undefined);
  }
}

/**
 * One hop: resolve, pin, connect, tls, exchange, body. Gives the request to follow with when the answer is a
 * redirect to follow.
 */
async function probeHop(
  chain: Chain,
  request: Request,
  pinned: Pinned | undefined,
): Promise<Request | undefined> {
  const { target, session, context } = chain;
  const { url } = request;
  const hop: Hop = { url: shown(url) };
  const hopIndex = session.partial.hops.push(hop) - 1;
  const noteHop = (found: Partial<Hop>) => {
    session.partial.hops[hopIndex] = { ...session.partial.hops[hopIndex], ...hop, ...found };
  };

  const address = await pin(url.hostname, pinned, session, context);
  noteHop({ address });
  const socket = await connectTo(address, portOf(url), session);
  const secured = url.protocol === "https:" ? await secureHop(chain, url, socket) : socket;
  const { head, body } = await exchangeHop(chain, request, secured, (status) => noteHop({ address, status }));
  if (isToFollow(target, head)) return follow(target, request, head);
  readBody(target, session, head, body);
  return undefined;
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "https:" ? 443 : 80);
}

/** The TLS handshake; a certificate that is not trusted ends the probe before anything is sent. */
async function secureHop({ target, session }: Chain, url: URL, socket: Socket): Promise<Socket> {
  const { partial, phases, deadline } = session;
  phases.enter("tls");
  const identity = url.origin === target.url.origin ? target.tls : onlyTrust(target.tls);
  const { socket: secured, certificate } = await secure(
    socket,
    url.hostname,
    secureContextFor(identity),
    deadline,
  );
  partial.certificate =
    certificate.problem === undefined ? firstToExpire(partial.certificate, certificate) : certificate;
  requireTrusted(certificate, url.hostname);
  return secured;
}

/** Sends the request and takes the answer; what is learnt of its head is noted at once. */
async function exchangeHop(
  { target, session }: Chain,
  request: Request,
  socket: Socket,
  onStatus: (status: number) => void,
): Promise<{ head: Head; body: Buffer }> {
  const { partial, deadline, phases } = session;
  return exchange(
    socket,
    { ...request, headers: headersOf(request) },
    {
      deadline,
      phases,
      maxBytes: target.maxBodyBytes,
      wantsBody: (head) => !isToFollow(target, head),
      onHead: ({ protocol, status, headers }) => {
        Object.assign(partial, { protocol, status, headers });
        onStatus(status);
      },
      onBytes: (read) => {
        partial.bytesRead = read;
      },
    },
  );
}

function readBody(target: HttpTarget, { partial }: ProbeSession, { headers }: Head, body: Buffer): void {
  partial.bytesRead = body.length;
  const decoded = decode(body, headers["content-encoding"], target.maxBodyBytes);
  partial.bytesDecoded = decoded.length;
  partial.body = asText(decoded, headers["content-type"]);
}

function headersOf({ url, headers, body }: Request): Record<string, string> {
  return {
    host: url.host,
    "user-agent": USER_AGENT,
    accept: "*/*",
    "accept-encoding": "identity",
    ...headers,
    ...lengthOf(body),
    connection: "close",
  };
}

/** Of a chain of redirects over several sites, the certificate to worry about. */
function firstToExpire(before: Certificate | undefined, now: Certificate): Certificate {
  return before && before.validTo < now.validTo ? before : now;
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
}

function onlyTrust({ ca }: TlsIdentity): TlsIdentity {
  return ca === undefined ? {} : { ca };
}
