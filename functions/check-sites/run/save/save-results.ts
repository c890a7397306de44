import { asFailure } from "../../../../shared/aws/failure.ts";
import { inParallel } from "../../../../shared/aws/in-parallel.ts";
import type { ReflexError } from "../../../../shared/lambda/errors.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import type { Claim } from "../../../../shared/ledger/claim.ts";
import { isOpen } from "../../../../shared/time/windows.ts";
import { withoutTrace } from "../../../../shared/tracing/subsegment.ts";
import type { Site } from "../../config/site.ts";
import type { PhaseTimes } from "../../probe/net/result.ts";
import { type MonitorChange, monitorAfter, NEW_MONITOR } from "../../state/monitor-state.ts";
import { isResolverSilent, type Suspicion } from "../../state/monitor-suspicion.ts";
import { claimOutbox, type PendingNotification } from "../../state/outbox.ts";
import type { Change, SiteState } from "../../state/state.ts";
import type { OutboxEntry, Store, StoredItem } from "../../state/store.ts";
import { removal, transition } from "../../state/transition.ts";
import type { Part, Requests } from "../../triggers.ts";
import { type CheckedSite, hasAnswered } from "../check-site.ts";
import type { Dependencies } from "../dependencies.ts";
import { notUp } from "../result.ts";
import type { TraceBudget } from "../trace-budget.ts";
import type { Weighed } from "../weigh-suspicion.ts";
import { dependedOn, isExplained } from "./explained.ts";

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
  readonly traceBudget: TraceBudget;
  readonly tick: number;
  /** With which this run takes what it is about to send. */
  readonly claim: Claim;
  readonly signal: AbortSignal;
  readonly traceId?: string | undefined;
}

const WRITES_AT_ONCE = 25;
/** Another part of the list may write the monitor's item at the same moment. */
const TRIES = 5;
const EXAMPLES = 5;

/** Saves every site's state with its notification, and what this part of the list says of the monitor itself. */
export async function saveResults(
  { checked, suspicion }: Weighed,
  states: States,
  { tick, part }: Requests,
  run: Run,
  { store, sites, traceBudget }: Dependencies & { readonly traceBudget: TraceBudget },
): Promise<Saved> {
  return run.stage("keep", async (stage) => {
    const now = run.clock.now();
    const context = {
      store,
      traceBudget,
      tick,
      claim: { now, until: now + run.remainingMs() },
      signal: run.signal,
      traceId: run.traceId,
    };
    const saved = await saveSites(checked, states, context);
    stage.annotate("changes", saved.pending.length);
    stage.metadata("notUp", notUp(checked));
    if (!part) return saved;
    try {
      const found = { part, suspicion, checked, saved };
      const monitor = await saveMonitor(found, sites.list, context);
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
  const others = dependedOn(checked, states, context.tick);
  const written = await inParallel(checked, WRITES_AT_ONCE, (one) =>
    saveSite(one, isExplained(one.site, states.get(one.site.name)?.state, others), states, context),
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
  failure: "explained" | "own",
  states: States,
  context: SaveContext,
): Promise<Written> {
  const { site, evaluation, suspicion, unprobed } = checked;
  const { tick, traceId } = context;
  const stored = states.get(site.name);
  const inMaintenance = site.maintenance.some((window) => isOpen(window, tick));
  const next = transition(
    stored?.state,
    {
      tick,
      evaluation,
      inMaintenance,
      traceId,
      silent: inMaintenance || suspicion === "suspected" || site.isObserved || failure === "explained",
      ...(suspicion && { suspicion }),
      ...(unprobed && { unprobed }),
      ...measuredBy(checked),
    },
    site,
    `${site.name}-${tick.toString(36)}`,
  );
  return writeSite(site.name, stored, next, context);
}

async function writeSite(
  name: string,
  stored: StoredItem<SiteState, OutboxEntry> | undefined,
  { state, change }: { readonly state: SiteState; readonly change?: Change },
  { store, traceBudget, claim, signal }: SaveContext,
): Promise<Written> {
  const { outbox, claimed } = claimOutbox(stored?.outbox ?? {}, change, claim);
  try {
    const write = () => store.write(name, { version: stored?.version ?? 0, state, outbox }, signal);
    const isOurs = await (traceBudget.takeCall() ? write() : withoutTrace(write));
    return isOurs ? { name, state, claimed } : { name };
  } catch (error) {
    return { name, failure: asFailure(error, "dynamodb:UpdateItem", `site/${name}`) };
  }
}

/** What one part of the list found about the monitor. */
interface PartFound {
  readonly part: Part;
  readonly suspicion: Suspicion;
  readonly checked: readonly CheckedSite[];
  readonly saved: Saved;
}

/** Saves whether this part suspects the monitor, and which sites are open, in the one item all parts share. */
async function saveMonitor(
  { part, suspicion, checked, saved }: PartFound,
  list: readonly Site[],
  context: SaveContext,
): Promise<readonly PendingNotification[]> {
  const { store, tick, claim, signal } = context;
  const silent = checked.filter((one) => one.suspicion !== undefined);
  const states = [...saved.states];
  const isOpenNow = ([, state]: [string, SiteState]) => (state.notified?.state ?? "UP") !== "UP";
  const found = {
    part: `${part.number}/${part.of}`,
    suspected: suspicion !== "none",
    silent: silentOf(silent),
    at: tick,
    failing: silent.length,
    of: checked.length,
    examples: silent
      .slice(0, EXAMPLES)
      .map(({ site, evaluation }) => `${site.name}: ${evaluation.findings[0]?.text ?? ""}`),
    open: states.filter(isOpenNow).map(([name]) => name),
    closed: states.filter((one) => !isOpenNow(one)).map(([name]) => name),
  };
  let stored = await store.readMonitor(signal);
  const removed = part.number === 1 ? namesNotIn(list, stored?.state?.open ?? []) : [];
  const closing = await closeRemoved(removed, context);
  const closed = [...found.closed, ...closing.closed];
  for (let tries = 0; tries < TRIES; tries++) {
    const before = stored?.state ?? NEW_MONITOR;
    const after = monitorAfter(before, { ...found, closed }, `monitor-${tick.toString(36)}`);
    const { outbox, claimed } = claimOutbox(stored?.outbox ?? {}, after?.change, claim);
    if (!after && claimed.length === 0) return closing.pending;
    const item = { version: stored?.version ?? 0, state: after?.state ?? before, outbox };
    if (await store.writeMonitor(item, signal)) {
      return [...claimed.map((change) => ({ change })), ...closing.pending];
    }
    stored = await store.readMonitor(signal);
  }
  return closing.pending;
}

/** The resolver, where no site is silent in another way. */
const silentOf = (silent: readonly CheckedSite[]): MonitorChange["silent"] =>
  silent.length > 0 &&
  silent.every(({ beforeSuspicion }) => beforeSuspicion && isResolverSilent(beforeSuspicion))
    ? "resolver"
    : "network";

function namesNotIn(list: readonly Site[], names: readonly string[]): string[] {
  const known = new Set(list.map(({ name }) => name));
  return names.filter((name) => !known.has(name));
}

/** Closes what was open of sites that are not in the config any more; `closed` are those with nothing left to send. */
async function closeRemoved(
  names: readonly string[],
  context: SaveContext,
): Promise<{ readonly pending: readonly PendingNotification[]; readonly closed: readonly string[] }> {
  if (names.length === 0) return { pending: [], closed: [] };
  const states = await context.store.read(names, context.signal);
  const isDone = (name: string) => {
    const stored = states.get(name);
    const isOpenStill = (stored?.state?.notified?.state ?? "UP") !== "UP";
    return !isOpenStill && Object.keys(stored?.outbox ?? {}).length === 0;
  };
  const open = names.filter((name) => !isDone(name));
  const written = await inParallel(open, WRITES_AT_ONCE, async (name): Promise<Written> => {
    const stored = states.get(name);
    if (!stored?.state) return { name };
    const { tick } = context;
    const next = removal(stored.state, tick, `${name}-${tick.toString(36)}`) ?? { state: stored.state };
    return writeSite(name, stored, next, context);
  });
  return {
    pending: written.flatMap(({ name, claimed = [] }) => claimed.map((change) => ({ site: name, change }))),
    closed: names.filter(isDone),
  };
}

/** A probe that did not get its answer has no duration: it would make a slow site look fast. */
function measuredBy(checked: CheckedSite) {
  const { result, firstAttempt } = checked;
  const { certificate, time, address, phases } = result;
  return {
    ...(hasAnswered(checked) && { duration: time }),
    probe: { phases: rounded(phases), ...(address !== undefined && { address }) },
    ...(firstAttempt && { firstAttempt }),
    ...(certificate && {
      certificate: { subject: certificate.subject, issuer: certificate.issuer, validTo: certificate.validTo },
    }),
  };
}

function rounded(phases: PhaseTimes): Record<string, number> {
  return Object.fromEntries(Object.entries(phases).map(([phase, ms]) => [phase, Math.round(ms * 10) / 10]));
}
