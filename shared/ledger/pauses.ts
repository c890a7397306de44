import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { RetryLater } from "../lambda/errors.ts";

/**
 * A person has stopped an automation for a while: it goes on deciding and notifying, and changes nothing. All pauses of a
 * stage are one item of the ledger's table, which is read before each lease.
 */
export const pause = z.lazy(() =>
  z.object({
    /** From when it stands, ms since the epoch. */
    at: z.number(),
    /** It ends by itself, ms since the epoch. */
    until: z.number(),
    /** Who paused it: the ARN that AWS knows them by. */
    by: z.string(),
    why: z.string(),
  }),
);
export type Pause = Readonly<z.output<typeof pause>>;

/** By scope: `all`, an automation (`reshard-streams`), or a resource as the ledger names it (`stream/orders`). */
export type Pauses = ReadonlyMap<string, Pause>;

/** A pause that stands, and what it was given for. */
export interface StandingPause extends Pause {
  readonly scope: string;
}

export const ALL = "all";

/** The key of the item; no resource has this name. */
export const PAUSES_KEY = { pk: { S: "pauses" }, sk: { S: "pauses" } } as const;

/** Who paused and resumed what is in the audit trail of the scope behind it: `pause/stream/orders`. */
export const PAUSE_TRAIL = "pause/";

const PREFIX = "pause#";

/** The attribute that holds the pause of a scope. */
export const pauseAttribute = (scope: string): string => `${PREFIX}${scope}`;

/** @param item as it was read; undefined where nobody has ever paused anything */
export function pausesOf(item: Readonly<Record<string, AttributeValue>> | undefined): Pauses {
  return new Map(
    Object.entries(item ?? {}).flatMap(([name, value]) => {
      if (!name.startsWith(PREFIX)) return [];
      return [[name.slice(PREFIX.length), readPause(name, value.S)] as const];
    }),
  );
}

/** A pause that cannot be read stands for ever: what a person stopped is not started by a fault. */
function readPause(name: string, text = ""): Pause {
  try {
    return pause.parse(JSON.parse(text));
  } catch {
    const why = `the ledger's ${name} cannot be read`;
    return { at: 0, until: Number.MAX_SAFE_INTEGER, by: "unknown", why };
  }
}

/**
 * The pause that stands for this resource of this automation at `now`; the widest first. What a resource has beside itself
 * in the ledger (`node-pool/workers/drains`) is paused with it.
 */
export function standingPause(
  pauses: Pauses,
  { automation, resource }: { readonly automation: string; readonly resource: string },
  now: number,
): StandingPause | undefined {
  const [kind, name] = resource.split("/");
  for (const scope of [ALL, automation, `${kind}/${name}`, resource]) {
    const found = pauses.get(scope);
    if (found && found.until > now) return { scope, ...found };
  }
  return undefined;
}

/** Every pause that stands at `now`, the widest first. */
export const standingPauses = (pauses: Pauses, now: number): readonly StandingPause[] =>
  [...pauses]
    .flatMap(([scope, one]) => (one.until > now ? [{ scope, ...one }] : []))
    .toSorted((a, b) => Number(b.scope === ALL) - Number(a.scope === ALL) || (a.scope < b.scope ? -1 : 1));

/** `stream/orders is paused until 2026-11-28 04:00 UTC by anna: the deploy of 2 o'clock`. */
export function pauseText({ scope, until, by, why }: StandingPause): string {
  const what = scope === ALL ? "everything" : scope;
  return `${what} is paused until ${minuteText(until)} by ${personOf(by)}: ${why}`;
}

/** `2026-11-28 04:00 UTC`. */
export function minuteText(at: number): string {
  if (at === Number.MAX_SAFE_INTEGER) return "somebody resumes it";
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** `anna` of `arn:aws:sts::123456789012:assumed-role/admin/anna`. */
export const personOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

/** Nothing was changed, because a person has paused it. */
export class Paused extends RetryLater {
  readonly pause: StandingPause;

  constructor(pause: StandingPause, resource: string) {
    super(`${pauseText(pause)}. Nothing was changed`, { resource });
    this.pause = pause;
  }
}
