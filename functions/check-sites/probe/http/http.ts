import type { Socket } from "node:net";
import { requireTrusted } from "../net/certificate.ts";
import { isNoApplicationProtocol, serverNameOf } from "../net/connect.ts";
import { ProbeError } from "../net/probe-error.ts";
import type { Certificate, Hop, ProbeResult } from "../net/result.ts";
import {
  connectSecurely,
  connectTo,
  forEachAddress,
  type Pinned,
  type ProbeSession,
  pin,
  runProbe,
} from "../session.ts";
import type { Probe, ProbeContext } from "../types.ts";
import { type Answer, AnswerBody, type BodyUse, type Head } from "./answer.ts";
import { asText } from "./body/charset.ts";
import { decode, misnamedCodings } from "./body/decode.ts";
import { CookieJar } from "./cookies.ts";
import { exchange } from "./exchange.ts";
import { exchangeHttp2 } from "./exchange-http2.ts";
import { follow, isToFollow, shown } from "./redirect.ts";
import { AnsweredInHttp2 } from "./response-parser.ts";
import type { HttpTarget, Request } from "./target.ts";

const USER_AGENT = "Reflex-check-sites/1";

/** HTTP and HTTPS: every hop on a fresh connection to one pinned address. */
export const probeHttp: Probe<HttpTarget> = (target, context) =>
  forEachAddress(target, target.url.hostname, context, (pinned) => probeAddress(target, context, pinned));

function probeAddress(target: HttpTarget, context: ProbeContext, pinned?: Pinned): Promise<ProbeResult> {
  return runProbe(
    target,
    context,
    (session) => followChain({ target, session, context, cookies: new CookieJar() }, pinned),
    pinned?.resolveMs,
  );
}

/** What every hop of a chain works with. */
interface Chain {
  readonly target: HttpTarget;
  readonly session: ProbeSession;
  readonly context: ProbeContext;
  readonly cookies: CookieJar;
}

/** The first request, and one for each redirect that is to be followed. */
async function followChain(chain: Chain, pinned: Pinned | undefined): Promise<void> {
  const { target, cookies } = chain;
  const requested = new Set<string>();
  let request: Request | undefined = target;
  for (let hop = 0; request; hop++) {
    // A site may redirect to itself, once with a cookie or without one: only too many of them are an error.
    const key = `${request.method} ${request.url.href} ${cookies.headerFor(request.url) ?? ""}`;
    if (hop > target.redirects && hop > 0) {
      const where = shown(request.url);
      throw new ProbeError(
        "redirect",
        requested.has(key)
          ? `the redirects form a loop, back to ${where}`
          : `more than ${target.redirects} redirects, the last to ${where}`,
      );
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
  const hopIndex = session.partial.hops.push({ url: shown(url) }) - 1;
  const noteHop = (found: Partial<Hop>) => {
    session.partial.hops[hopIndex] = { url: shown(url), ...found };
  };

  const address = await pin(url.hostname, pinned, session, context);
  noteHop({ address });
  const answer = await askHop(chain, request, address, (status) => noteHop({ address, status }));
  chain.cookies.take(url, answer.head);
  requireRegular(target, answer);
  if (isToFollow(target, answer.head)) return follow(target, request, answer.head);
  readBody(target, session, answer);
  return undefined;
}

/**
 * The connection, TLS on it, the request and its answer. A server that takes nothing but HTTP/2 is asked a second time:
 * it says so in the handshake, or by an answer in HTTP/2.
 */
async function askHop(
  chain: Chain,
  request: Request,
  address: string,
  onStatus: (status: number) => void,
): Promise<Answer> {
  const { url } = request;
  const ask = (connection: Connection) => exchangeHop(chain, request, connection, onStatus);
  if (url.protocol !== "https:") {
    return ask({ socket: await connectTo(address, portOf(url), chain.session), protocol: "http/1.1" });
  }
  try {
    const alpn = chain.target.http2 ? ["h2", "http/1.1"] : ["http/1.1"];
    return await ask(await secureHop(chain, url, address, alpn));
  } catch (error) {
    if (!(isNoApplicationProtocol(error) || error instanceof AnsweredInHttp2)) throw error;
    const again = await secureHop(chain, url, address, ["h2"]);
    if (again.protocol !== "h2") throw error;
    return ask(again);
  }
}

interface Connection {
  readonly socket: Socket;
  readonly protocol: "http/1.1" | "h2";
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "https:" ? 443 : 80);
}

/** The connection and its TLS handshake; a certificate that is not trusted ends the probe before anything is sent. */
async function secureHop(
  { target, session }: Chain,
  url: URL,
  address: string,
  alpn: readonly string[],
): Promise<Connection> {
  const { partial } = session;
  const own = url.origin === target.url.origin ? target.tls : onlyTrust(target.tls);
  const handshake = { ...own, host: url.hostname, alpn };
  const { socket, certificate } = await connectSecurely(address, portOf(url), handshake, session);
  partial.certificate =
    certificate.problem === undefined ? firstToExpire(partial.certificate, certificate) : certificate;
  if (!own.insecure) requireTrusted(certificate, serverNameOf(handshake));
  return { socket, protocol: socket.alpnProtocol === "h2" ? "h2" : "http/1.1" };
}

/** Sends the request and takes the answer; what is learnt of its head is noted at once. */
async function exchangeHop(
  { target, session, cookies }: Chain,
  request: Request,
  { socket, protocol }: Connection,
  onStatus: (status: number) => void,
): Promise<Answer> {
  const { partial, deadline, phases } = session;
  const send = protocol === "h2" ? exchangeHttp2 : exchange;
  const headers = headersOf(request, cookies.headerFor(request.url));
  return send(
    socket,
    { ...request, headers },
    {
      deadline,
      phases,
      onHead: ({ protocol: spoken, status, headers: received }) => {
        Object.assign(partial, { protocol: spoken, status, headers: received });
        onStatus(status);
      },
      bodyFor: (head) =>
        new AnswerBody(bodyUse(target, head), target.maxBodyBytes, (read) => {
          partial.bytesRead = read;
        }),
    },
  );
}

function bodyUse(target: HttpTarget, head: Head): BodyUse {
  if (isToFollow(target, head)) return "skip";
  return target.readsBody || target.strict ? "keep" : "count";
}

/** What curl and browsers read is read; a site whose clients are strict can have it otherwise. */
function requireRegular({ strict }: HttpTarget, { irregularities, head }: Answer): void {
  if (!strict) return;
  const codings = misnamedCodings(head.headers["content-encoding"]).map(
    (name) => `the content-encoding "${name}"`,
  );
  const all = [...irregularities, ...codings];
  if (all.length === 0) return;
  throw new ProbeError("header", `the answer is not as RFC 9112 has it: ${all.join("; ")}`);
}

/** The body as text, for the conditions that read it. A body that nobody reads may be whatever it likes. */
function readBody(target: HttpTarget, { partial }: ProbeSession, { head: { headers }, body }: Answer): void {
  if (!target.readsBody && !target.strict) return;
  partial.bytesRead = body.length;
  const codings = [headers["content-encoding"], headers["transfer-encoding"]].filter(
    (one) => one !== undefined,
  );
  const decoded = decode(body, codings.join(", "), target.maxBodyBytes);
  partial.bytesDecoded = decoded.length;
  partial.body = asText(decoded, headers["content-type"]);
}

function headersOf({ url, headers, body }: Request, cookie: string | undefined): Record<string, string> {
  return {
    host: url.host,
    "user-agent": USER_AGENT,
    accept: "*/*",
    "accept-encoding": "identity",
    ...headers,
    ...(cookie !== undefined && { cookie: [headers.cookie, cookie].filter(Boolean).join("; ") }),
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

function onlyTrust({ ca, insecure }: HttpTarget["tls"]): HttpTarget["tls"] {
  return { ...(ca !== undefined && { ca }), ...(insecure && { insecure }) };
}
