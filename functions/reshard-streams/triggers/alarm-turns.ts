import { createHash } from "node:crypto";
import type { Requests } from "./requests.ts";

/**
 * Invocations by alarms are processes of their own, which know nothing of each other: so many a second keep them, beside the
 * sweep's share (run/call-rates.ts), below AWS's limits of the account, UpdateShardCount's 10 a second first.
 */
const ALARMS_A_SECOND = 3;

/** A stream whose turn comes later is left to the next sweep, which observes those in ALARM first. */
const LATEST_TURN_MS = 30_000;

/** What is observed in this invocation, and after how long a wait. */
export interface Turns {
  readonly requests: Requests;
  readonly waitMs: number;
}

/**
 * When all alarms fire at once, their invocations take turns: each stream has its own by its name, a third of a second for
 * each alarm that there is. With a few alarms nobody waits.
 *
 * @param alarms how many streams have an alarm
 */
export function takeTurns(requests: Requests, alarms: number): Turns {
  const turns = [...requests.streams].map(([stream, cause]) => ({
    ...{ stream, cause },
    turnMs: cause.kind === "alarm" ? turnOf(stream, alarms) : 0,
  }));
  const left = requests.sweep ? [] : turns.filter(({ turnMs }) => turnMs > LATEST_TURN_MS);
  const taken = turns.filter((turn) => !left.includes(turn));
  return {
    waitMs: requests.sweep || taken.length === 0 ? 0 : Math.min(...taken.map(({ turnMs }) => turnMs)),
    requests: {
      ...requests,
      streams: new Map(taken.map(({ stream, cause }) => [stream, cause])),
      ignored: [
        ...requests.ignored,
        ...left.map(
          ({ stream, cause }) =>
            `${cause.text}: ${stream} is left to the next sweep, which observes streams in ALARM first; ${alarms} alarms may fire at once`,
        ),
      ],
    },
  };
}

/** Even over all streams, and always the same for one. */
function turnOf(stream: string, alarms: number): number {
  if (alarms <= ALARMS_A_SECOND) return 0;
  const place = createHash("sha256").update(stream).digest().readUInt32BE(0) / 2 ** 32;
  return Math.round(((place * alarms) / ALARMS_A_SECOND) * 1000);
}
