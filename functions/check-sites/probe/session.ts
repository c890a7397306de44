import type { Socket } from "node:net";
import { messageOf } from "../../../shared/errors/message-of.ts";
import { type Handshake, isHandshakeRefused, openSocket, type SecureSocket, secure } from "./net/connect.ts";
import { Deadline } from "./net/deadline.ts";
import { PhaseRecorder } from "./net/phases.ts";
import { ProbeError } from "./net/probe-error.ts";
import { bareHost } from "./net/resolver.ts";
import type { PartialResult, ProbeResult } from "./net/result.ts";
import type { KeyExchange } from "./net/secure-context.ts";
import type { ProbeContext, Target } from "./types.ts";

/** What a probe works with while it probes one address. */
export interface ProbeSession {
  readonly partial: PartialResult;
  readonly deadline: Deadline;
  readonly phases: PhaseRecorder;
  /** Has `socket` closed when the probe is over, however it ends. */
  closeLater<S extends Socket>(socket: S): S;
}

/** An address that was looked up before, and how long that took: it counts in this probe's `resolve` phase. */
export interface Pinned {
  readonly address: string;
  readonly resolveMs: number;
}

/**
 * Runs one probe's work under its deadline. A `ProbeError` becomes the `failure` of what was
 * found so far; a mistake of our own becomes `internal`, so that one site can never end the run for all.
 */
export async function runProbe(
  target: Target,
  context: ProbeContext,
  work: (session: ProbeSession) => Promise<void>,
  resolveMs = 0,
): Promise<ProbeResult> {
  const partial: PartialResult = { hops: [] };
  const phases = new PhaseRecorder(context.stopwatch, resolveMs);
  const deadline = new Deadline(target.timeoutMs, context.run);
  const held: Socket[] = [];
  const closeLater = <S extends Socket>(socket: S): S => {
    held.push(socket);
    return socket;
  };
  try {
    await work({ partial, deadline, phases, closeLater });
  } catch (error) {
    noteProof(partial, error);
    const during = phases.current ? ` (in ${phases.current})` : "";
    partial.failure =
      error instanceof ProbeError
        ? {
            reason: error.reason,
            detail: error.reason === "timeout" ? error.message + during : error.message,
          }
        : { reason: "internal", detail: `the probe itself failed: ${messageOf(error)}` };
  } finally {
    deadline.end();
    for (const socket of held) socket.destroy();
  }
  const { phases: times, total } = phases.stop();
  return { ...partial, phases: times, time: total };
}

/**
 * Looks up the target's addresses once and probes each of them; with the policy `first`, `one` looks up its
 * only address by itself.
 */
export async function forEachAddress(
  target: Target,
  host: string,
  context: ProbeContext,
  one: (pinned?: Pinned) => Promise<ProbeResult>,
): Promise<readonly ProbeResult[]> {
  if (target.addresses === "first") return [await one()];
  let found: readonly string[] = [];
  const lookUp = await runProbe(target, context, async ({ deadline, phases }) => {
    phases.enter("resolve");
    found = await byOurResolver(context.resolver.addresses(host, "every", deadline));
  });
  if (lookUp.failure) return [lookUp];
  return Promise.all(found.map((address) => one({ address, resolveMs: lookUp.phases.resolve })));
}

/** A refusal too proves that our own network works. */
function noteProof(partial: PartialResult, error: unknown): void {
  if (!(error instanceof ProbeError)) return;
  if (error.proves === "network") partial.heard = true;
  if (error.proves === "resolver") partial.resolverAnswered = true;
}

/** A look-up by our own resolver: when the probe's time is up in it, it is the resolver that was silent. */
export async function byOurResolver<T>(lookUp: Promise<T>): Promise<T> {
  try {
    return await lookUp;
  } catch (error) {
    if (!(error instanceof ProbeError) || error.reason !== "timeout") throw error;
    throw new ProbeError("own-dns", `our DNS resolver did not answer: ${error.message}`);
  }
}

/** Opens the connection of the phase `connect`. */
export async function connectTo(address: string, port: number, session: ProbeSession): Promise<Socket> {
  session.phases.enter("connect");
  const socket = session.closeLater(await openSocket(address, port, session.deadline));
  session.partial.heard = true;
  return socket;
}

/**
 * A connection and TLS on it, the phases `connect` and `tls`. A server that refuses the usual key exchanges is asked a
 * second time, with every one.
 */
export async function connectSecurely(
  address: string,
  port: number,
  handshake: Handshake,
  session: ProbeSession,
): Promise<SecureSocket> {
  const attempt = async (keyExchange: KeyExchange) => {
    const socket = await connectTo(address, port, session);
    session.phases.enter("tls");
    return secure(socket, handshake, keyExchange, session.deadline);
  };
  try {
    return await attempt("usual");
  } catch (error) {
    if (!isHandshakeRefused(error)) throw error;
    return attempt("every");
  }
}

/** The address to connect to: the pinned one or the name's first; let through by the guard. */
export async function pin(
  host: string,
  pinned: Pinned | undefined,
  { deadline, phases, partial }: ProbeSession,
  context: ProbeContext,
): Promise<string> {
  phases.enter("resolve");
  const address =
    pinned?.address ?? (await byOurResolver(context.resolver.addresses(host, "first", deadline)))[0];
  if (address === undefined) throw new ProbeError("dns", `${host}: the name has no address`);
  if (!pinned && address !== bareHost(host)) partial.resolverAnswered = true;
  partial.address = address;
  context.addressFilter.check(address);
  return address;
}
