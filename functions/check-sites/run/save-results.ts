import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { isOpen } from "../../../shared/time/windows.ts";
import { monitorAfter } from "../state/monitor-state.ts";
import { asUnknown, isMonitorFailing, isTransport } from "../state/monitor-suspicion.ts";
import { claimOutbox, type PendingNotification } from "../state/outbox.ts";
import type { Change, SiteState } from "../state/state.ts";
import type { OutboxEntry, Store, StoredItem } from "../state/store.ts";
import { transition } from "../state/transition.ts";
import type { Part, Requests } from "../triggers.ts";
import type { CheckedSite } from "./check-site.ts";
import type { Dependencies } from "./dependencies.ts";
import { notUp } from "./result.ts";

/** The states as the run read them, before it probed. */
export type States = ReadonlyMap<string, StoredItem<SiteState, OutboxEntry>>;

export interface Saved {
  /** The sites' states as they are stored now; of a site that another run wrote meanwhile, nothing. */
  readonly states: ReadonlyMap<string, SiteState>;
  readonly pending: readonly PendingNotification[];
  readonly failures: readonly ReflexError[];
}

export interface SaveContext {
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

/** Saves every site's state with its notification, and what this part of the list says of the monitor itself. */
export async function saveResults(
  checked: readonly CheckedSite[],
  states: States,
  { tick, part }: Requests,
  run: Run,
  { store }: Dependencies,
): Promise<Saved> {
  return run.stage("keep", async (stage) => {
    const now = run.clock.now();
    const context = { store, tick, now, claimedUntil: now + run.remainingMs(), signal: run.signal };
    const saved = await saveSites(checked, states, context);
    stage.annotate("changes", saved.pending.length);
    stage.metadata("notUp", notUp(checked));
    if (!part) return saved;
    try {
      const monitor = await saveMonitor(checked, states, part, context);
      return { ...saved, pending: [...monitor, ...saved.pending] };
    } catch (error) {
      const failure = asFailure(error, "dynamodb:UpdateItem", "the monitor's state");
      return { ...saved, failures: [...saved.failures, failure] };
    }
  });
}

/** One conditional write a site, its notification in it. */
export async function saveSites(
  checked: readonly CheckedSite[],
  states: States,
  context: SaveContext,
): Promise<Saved> {
  const isSuspected = isSuspect(checked, states);
  const written = await inParallel(checked, WRITES_AT_ONCE, (one) =>
    saveSite(isSuspected ? asSuspected(one) : one, isSuspected ? "silent" : "notified", states, context),
  );
  return {
    states: new Map(written.flatMap((one) => (one.state ? [[one.name, one.state] as const] : []))),
    pending: written.flatMap(({ name, claimed = [] }) => claimed.map((change) => ({ site: name, change }))),
    failures: written.flatMap(({ failure }) => (failure ? [failure] : [])),
  };
}

interface Written {
  readonly name: string;
  readonly state?: SiteState;
  readonly claimed?: readonly Change[];
  readonly failure?: ReflexError;
}

async function saveSite(
  checked: CheckedSite,
  audience: "silent" | "notified",
  states: States,
  { store, tick, now, claimedUntil, signal }: SaveContext,
): Promise<Written> {
  const { name, maintenance } = checked.site;
  const stored = states.get(name);
  const inMaintenance = maintenance.some((window) => isOpen(window, tick));
  const { state, change } = transition(
    stored?.state,
    {
      tick,
      evaluation: checked.evaluation,
      inMaintenance,
      silent: inMaintenance || audience === "silent",
      ...measuredBy(checked),
    },
    checked.site,
    `${name}-${tick.toString(36)}`,
  );
  const { outbox, claimed } = claimOutbox(stored?.outbox ?? {}, change, { now, claimedUntil });
  try {
    const isOurs = await store.write(name, { version: stored?.version ?? 0, state, outbox }, signal);
    return isOurs ? { name, state, claimed } : { name };
  } catch (error) {
    return { name, failure: asFailure(error, "dynamodb:UpdateItem", `site/${name}`) };
  }
}

function asSuspected(checked: CheckedSite): CheckedSite {
  return { ...checked, evaluation: asUnknown(checked.evaluation) };
}

/** Saves whether this part of the list suspects the monitor, in the one item all parts share. */
async function saveMonitor(
  checked: readonly CheckedSite[],
  states: States,
  part: Part,
  { store, tick, now, claimedUntil, signal }: SaveContext,
): Promise<readonly PendingNotification[]> {
  const failing = checked.filter(({ evaluation }) => isTransport(evaluation));
  const found = {
    part: `${part.number}/${part.of}`,
    suspected: isSuspect(checked, states),
    at: tick,
    failing: failing.length,
    of: checked.length,
    examples: failing
      .slice(0, EXAMPLES)
      .map(({ site, evaluation }) => `${site.name}: ${evaluation.findings[0]?.text ?? ""}`),
  };
  for (let tries = 0; tries < TRIES; tries++) {
    const stored = await store.readMonitor(signal);
    const after = monitorAfter(stored?.state ?? { suspectedBy: {} }, found, `monitor-${tick.toString(36)}`);
    const { outbox, claimed } = claimOutbox(stored?.outbox ?? {}, after?.change, { now, claimedUntil });
    if (!after && claimed.length === 0) return [];
    const state = after?.state ?? stored?.state ?? { suspectedBy: {} };
    if (await store.writeMonitor({ version: stored?.version ?? 0, state, outbox }, signal))
      return claimed.map((change) => ({ change }));
  }
  return [];
}

function isSuspect(checked: readonly CheckedSite[], states: States): boolean {
  return isMonitorFailing(
    checked.map(({ site, evaluation }) => ({ before: states.get(site.name)?.state?.level, evaluation })),
  );
}

/** A probe that did not get its answer has no duration: it would make a slow site look fast. */
function measuredBy({ result, evaluation, firstAttempt }: CheckedSite) {
  const { certificate, time } = result;
  const hasAnswer = evaluation.verdict === "UP" || evaluation.verdict === "DEGRADED";
  return {
    ...(hasAnswer && { duration: time }),
    ...(firstAttempt && { firstAttempt }),
    ...(certificate && {
      certificate: { subject: certificate.subject, issuer: certificate.issuer, validTo: certificate.validTo },
    }),
  };
}
