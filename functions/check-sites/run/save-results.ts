import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import { isOpen } from "../../../shared/time/windows.ts";
import { type MonitorChange, monitorAfter } from "../state/monitor-state.ts";
import { asUnknown, isMonitorFailing, isTransport } from "../state/monitor-suspicion.ts";
import type { Change, SiteState } from "../state/state.ts";
import type { Outbox, OutboxEntry, Store, StoredItem } from "../state/store.ts";
import { transition } from "../state/transition.ts";
import type { Part } from "../triggers/requests.ts";
import type { CheckedSite } from "./check-site.ts";

/** The states as the run read them, before it probed. */
export type States = ReadonlyMap<string, StoredItem<SiteState, OutboxEntry>>;

/** What this run, and no other, has to tell: it is in an outbox, under this run's claim. */
export type PendingNotification =
  | { readonly site: string; readonly change: Change }
  | { readonly site?: undefined; readonly change: MonitorChange };

export interface Recorded {
  /** The sites' states as they are kept now; of a site that another run wrote meanwhile, nothing. */
  readonly states: ReadonlyMap<string, SiteState>;
  readonly toTell: readonly PendingNotification[];
  readonly failures: readonly ReflexError[];
}

export interface RecordContext {
  readonly store: Store;
  readonly tick: number;
  /** ms since the epoch. */
  readonly now: number;
  /** Until when this run can be sending, ms since the epoch: after it is dead, another may. */
  readonly claimedUntil: number;
  readonly signal: AbortSignal;
}

const WRITES_AT_ONCE = 25;
/** Another part of the list may write the monitor's item at the same moment. */
const TRIES = 5;
const EXAMPLES = 5;

/** From what was found to what is kept: one conditional write a site, its notification in it. */
export async function record(
  checked: readonly CheckedSite[],
  states: States,
  context: RecordContext,
): Promise<Recorded> {
  const { store, tick, now, claimedUntil, signal } = context;
  const isSuspected = isSuspect(checked, states);
  const written = await inParallel(checked, WRITES_AT_ONCE, async (one): Promise<Written> => {
    const { name, maintenance } = one.site;
    const kept = states.get(name);
    const inMaintenance = maintenance.some((window) => isOpen(window, tick));
    const { state, change } = transition(
      kept?.state,
      {
        tick,
        judgement: isSuspected ? asUnknown(one.judgement) : one.judgement,
        inMaintenance,
        silent: inMaintenance || isSuspected,
        ...measuredBy(one),
      },
      one.site,
      `${name}-${tick.toString(36)}`,
    );
    const { outbox, mine } = claim(kept?.outbox ?? {}, change, { now, claimedUntil });
    try {
      const isOurs = await store.write(name, kept?.version ?? 0, state, outbox, signal);
      return isOurs ? { name, state, mine } : { name };
    } catch (error) {
      return { name, failure: asFailure(error, "dynamodb:UpdateItem", `site/${name}`) };
    }
  });
  return {
    states: new Map(written.flatMap((one) => (one.state ? [[one.name, one.state] as const] : []))),
    toTell: written.flatMap(({ name, mine = [] }) => mine.map((change) => ({ site: name, change }))),
    failures: written.flatMap(({ failure }) => (failure ? [failure] : [])),
  };
}

interface Written {
  readonly name: string;
  readonly state?: SiteState;
  readonly mine?: readonly Change[];
  readonly failure?: ReflexError;
}

/** Keeps whether this part of the list suspects the monitor, in the one item all parts share. */
export async function recordMonitor(
  checked: readonly CheckedSite[],
  states: States,
  part: Part,
  { store, tick, now, claimedUntil, signal }: RecordContext,
): Promise<readonly PendingNotification[]> {
  const failing = checked.filter(({ judgement }) => isTransport(judgement));
  const found = {
    part: `${part.number}/${part.of}`,
    suspected: isSuspect(checked, states),
    at: tick,
    failing: failing.length,
    of: checked.length,
    examples: failing
      .slice(0, EXAMPLES)
      .map(({ site, judgement }) => `${site.name}: ${judgement.findings[0]?.text ?? ""}`),
  };
  for (let tries = 0; tries < TRIES; tries++) {
    const kept = await store.readMonitor(signal);
    const after = monitorAfter(kept?.state ?? { suspectedBy: {} }, found, `monitor-${tick.toString(36)}`);
    const { outbox, mine } = claim(kept?.outbox ?? {}, after?.change, { now, claimedUntil });
    if (!after && mine.length === 0) return [];
    const state = after?.state ?? kept?.state ?? { suspectedBy: {} };
    if (await store.writeMonitor(kept?.version ?? 0, state, outbox, signal))
      return mine.map((change) => ({ change }));
  }
  return [];
}

/**
 * The outbox with this run's change in it, and everything in it that this run may send, oldest first: its own,
 * and what a run left behind that cannot be sending any more.
 */
function claim<C extends Change | MonitorChange>(
  before: Outbox<{ readonly change: C; readonly claimedUntil: number }>,
  change: C | undefined,
  { now, claimedUntil }: { now: number; claimedUntil: number },
) {
  const mine = Object.values(before)
    .filter((entry) => entry.claimedUntil <= now)
    .map((entry) => entry.change);
  if (change) mine.push(change);
  // DynamoDB gives the entries of a map in any order.
  mine.sort((a, b) => a.at - b.at);
  const claimed = mine.map((one) => [one.id, { change: one, claimedUntil }] as const);
  return { outbox: { ...before, ...Object.fromEntries(claimed) }, mine };
}

function isSuspect(checked: readonly CheckedSite[], states: States): boolean {
  return isMonitorFailing(
    checked.map(({ site, judgement }) => ({ before: states.get(site.name)?.state?.level, judgement })),
  );
}

/** A probe that did not get its answer has no duration: it would make a slow site look fast. */
function measuredBy({ seen, judgement, firstAttempt }: CheckedSite) {
  const { certificate, time } = seen;
  const isWell = judgement.verdict === "UP" || judgement.verdict === "DEGRADED";
  return {
    ...(isWell && { duration: time }),
    ...(firstAttempt && { firstAttempt }),
    ...(certificate && {
      certificate: { subject: certificate.subject, issuer: certificate.issuer, validTo: certificate.validTo },
    }),
  };
}
