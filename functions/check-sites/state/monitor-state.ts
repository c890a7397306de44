import * as z from "zod/mini";

/** What of ours is silent: the resolver where nothing else is. */
const silent = z._default(z.enum(["network", "resolver"]), "network");

/**
 * The monitor's own state, kept beside the sites': which parts of the list suspect the monitor. All parts
 * share the one item, so that it is said once however many invocations there are.
 */
export const monitorState = z.object({
  /** By part (`1/4`): when it last suspected the monitor, ms since the epoch. */
  suspectedBy: z.record(z.string(), z.number()),
  /** Since when it is suspected, while it is; ms since the epoch. */
  since: z.optional(z.number()),
  /** What was silent when that began. */
  silent: z.optional(silent),
  /** Sites that were last notified as something else than UP: one that leaves the config is closed by it. */
  open: z._default(z.array(z.string()), []),
});
export type MonitorState = z.output<typeof monitorState>;

/** One change of the monitor to notify. */
export const monitorChange = z.object({
  id: z.string(),
  suspected: z.boolean(),
  silent,
  /** ms since the epoch. */
  at: z.number(),
  since: z.number(),
  /** How many sites failed at once, of how many. */
  failing: z.number(),
  of: z.number(),
  /** `shop: 192.0.2.1:443 refused the connection`, the first few. */
  examples: z.array(z.string()),
});
export type MonitorChange = z.output<typeof monitorChange>;

/** A part that has not been heard of for so long (the list was made shorter) does not count any more. */
const FORGET_AFTER = 10 * 60_000;

/** What one part's run found about the monitor. */
export interface Suspicion {
  readonly part: string;
  readonly suspected: boolean;
  readonly silent: MonitorChange["silent"];
  readonly at: number;
  readonly failing: number;
  readonly of: number;
  readonly examples: readonly string[];
  /** Of the sites that were checked: which are open now, and which are not. */
  readonly open: readonly string[];
  readonly closed: readonly string[];
}

export const NEW_MONITOR: MonitorState = { suspectedBy: {}, open: [] };

/** The state after one part's run, and what is to be notified; undefined when nothing of it changes. */
export function monitorAfter(
  before: MonitorState,
  found: Suspicion,
  changeId: string,
): { readonly state: MonitorState; readonly change?: MonitorChange } | undefined {
  const { part, suspected, at } = found;
  const open = openAfter(before.open, found);
  const isOpenSame = open.join() === before.open.join();
  if (!suspected && before.suspectedBy[part] === undefined && before.since === undefined) {
    return isOpenSame ? undefined : { state: { ...before, open } };
  }
  const others = Object.entries(before.suspectedBy).filter(
    ([other, when]) => other !== part && at - when < FORGET_AFTER,
  );
  const suspectedBy = Object.fromEntries(suspected ? [...others, [part, at]] : others);
  const isSuspected = Object.keys(suspectedBy).length > 0;
  const since = before.since ?? at;
  const silent = before.silent ?? found.silent;
  const state = { suspectedBy, open, ...(isSuspected && { since, silent }) };
  if (isSuspected === (before.since !== undefined)) return { state };
  const { failing, of, examples } = found;
  return {
    state,
    change: { id: changeId, suspected: isSuspected, silent, at, since, failing, of, examples: [...examples] },
  };
}

function openAfter(before: readonly string[], { open, closed }: Suspicion): string[] {
  const gone = new Set(closed);
  return [...new Set([...before.filter((name) => !gone.has(name)), ...open])].sort();
}
