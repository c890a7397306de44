import { Misconfigured } from "../../shared/lambda/errors.ts";
import type { Trigger } from "../../shared/triggers/trigger.ts";
import type { Site } from "./config/site.ts";

/** What one invocation is to check. */
export interface Requests {
  /** ms since the epoch: one tick counts once, however often its event comes. */
  readonly tick: number;
  readonly sites: readonly Site[];
  /** The part of the list, counted from 1; absent when sites were asked for by name. */
  readonly part?: Part;
  /** A person asks only what a check would find; nothing is saved. */
  readonly mode?: "observe";
}

export interface Part {
  readonly number: number;
  readonly of: number;
}

/**
 * Which sites the triggers ask for, or why none. A schedule's rule says by its name which part of the list its
 * invocation has (`…-2-of-4`, see deploy/schedules.ts); an alarm, whatever it watches, asks for a check of every site.
 */
export function requestsFrom(
  triggers: readonly Trigger[],
  list: readonly Site[],
  now: number,
): Requests | { readonly ignored: readonly string[] } {
  const asked = triggers.filter((trigger) => trigger.kind === "manual");
  if (asked.length > 0) {
    const sites = asked.map((trigger) => siteNamed(trigger, list));
    return { tick: now, sites, ...(asked.some(({ mode }) => mode === "observe") && { mode: "observe" }) };
  }
  const schedule = triggers.find((trigger) => trigger.kind === "schedule");
  if (schedule) {
    const part = partOf(schedule.rule);
    return { tick: schedule.at, part, sites: list.filter((_, index) => index % part.of === part.number - 1) };
  }
  if (triggers.some(({ kind }) => kind === "alarm"))
    return { tick: now, part: { number: 1, of: 1 }, sites: list };
  return { ignored: triggers.flatMap((trigger) => (trigger.kind === "nothing" ? [trigger.why] : [])) };
}

function siteNamed({ of, name }: { of: string; name: string }, list: readonly Site[]): Site {
  const site = of === "site" ? list.find((one) => one.name === name) : undefined;
  if (site) return site;
  throw new Misconfigured(`found { "${of}": "${name}" }, expected a site of the config: nothing was checked`);
}

function partOf(rule: string): Part {
  const { number, of } = /-(?<number>\d+)-of-(?<of>\d+)$/.exec(rule)?.groups ?? {};
  return number === undefined || of === undefined
    ? { number: 1, of: 1 }
    : { number: Number(number), of: Number(of) };
}
