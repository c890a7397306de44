import type { Hold } from "../../model/decision.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { time } from "./wording.ts";

const MINUTE_MS = 60_000;

/** The effect of a single split has to be measured first: no further split until a full minute was. */
export function waitsForMetrics({ history, now }: Facts): boolean {
  return history.lastScaleOut !== undefined && now < history.lastScaleOut + 3 * MINUTE_MS;
}

export function awaitingMetrics(facts: Facts, since: number): Hold {
  return hold(
    facts,
    "awaiting-metrics",
    `a shard was split at ${time(since)}: its effect has to be measured before another one is`,
    { requeue: true },
  );
}
