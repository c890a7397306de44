import type { Hold } from "../../model/decision.ts";
import type { Look } from "./facts.ts";
import { hold } from "./decisions.ts";
import { time } from "./wording.ts";

const MINUTE = 60_000;

/** A single split is judged by what it changed: until a full minute has been measured, no further one. */
export function waitsForMetrics({ history, now }: Look): boolean {
  return history.lastScaleOut !== undefined && now < history.lastScaleOut + 3 * MINUTE;
}

export function awaitingMetrics(look: Look, since: number): Hold {
  return hold(
    look,
    "awaiting-metrics",
    `a shard was split at ${time(since)}: its effect has to be measured before another one is`,
    { lookAgain: true },
  );
}
