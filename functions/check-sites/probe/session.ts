import type { Socket } from "node:net";
import { Deadline } from "./net/deadline.ts";
import { PhaseRecorder } from "./net/phases.ts";
import { messageOf, ProbeError } from "./net/probe-error.ts";
import type { PartialResult, ProbeResult } from "./net/result.ts";
import type { ProbeContext, Target } from "./types.ts";

/** What a probe works with while it gathers facts about one address. */
export interface ProbeSession {
  readonly draft: PartialResult;
  readonly deadline: Deadline;
  readonly phases: PhaseRecorder;
  /** Has `socket` closed when the probe is over, however it ends. */
  hold<S extends Socket>(socket: S): S;
}

/** An address that was looked up before, and how long that took: it counts in this probe's `resolve` phase. */
export interface Pinned {
  readonly address: string;
  readonly resolveMs: number;
}

/**
 * Runs one probe's work under its deadline. A fault becomes the `failure` of the facts gathered so far; a
 * mistake of our own becomes `own-fault`, so that one site can never end the run for all.
 */
export async function runProbe(
  target: Target,
  context: ProbeContext,
  work: (gathering: ProbeSession) => Promise<void>,
  resolveMs = 0,
): Promise<ProbeResult> {
  const draft: PartialResult = { hops: [] };
  const phases = new PhaseRecorder(context.stopwatch, resolveMs);
  const deadline = new Deadline(target.timeoutMs, context.run);
  const held: Socket[] = [];
  const hold = <S extends Socket>(socket: S): S => {
    held.push(socket);
    return socket;
  };
  try {
    await work({ draft, deadline, phases, hold });
  } catch (error) {
    const during = phases.current ? ` (in ${phases.current})` : "";
    draft.failure =
      error instanceof ProbeError
        ? {
            reason: error.reason,
            detail: error.reason === "timeout" ? error.message + during : error.message,
          }
        : { reason: "own-fault", detail: `the probe itself failed: ${messageOf(error)}` };
  } finally {
    deadline.end();
    for (const socket of held) socket.destroy();
  }
  const { phases: times, total } = phases.stop();
  return { ...draft, phases: times, time: total };
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
    found = await context.names.addresses(host, "every", deadline);
  });
  if (lookUp.failure) return [lookUp];
  return Promise.all(found.map((address) => one({ address, resolveMs: lookUp.phases.resolve })));
}

/** The address to connect to: the pinned one or the name's first; let through by the guard. */
export async function pin(
  host: string,
  pinned: Pinned | undefined,
  { deadline, phases, draft }: ProbeSession,
  context: ProbeContext,
): Promise<string> {
  phases.enter("resolve");
  const address = pinned?.address ?? (await context.names.addresses(host, "first", deadline))[0];
  if (address === undefined) throw new ProbeError("dns", `${host}: the name has no address`);
  draft.address = address;
  context.guard.check(address);
  return address;
}
