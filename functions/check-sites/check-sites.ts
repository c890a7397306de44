import { asFailure } from "../../shared/aws/failure.ts";
import { inParallel } from "../../shared/aws/in-parallel.ts";
import { mergeFailures, type ReflexError, RetryLater } from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { Notify } from "../../shared/notify/notify.ts";
import type { Stopwatch } from "../../shared/time/clock.ts";
import { isOpen } from "../../shared/time/windows.ts";
import { annotateTriggers } from "../../shared/triggers/annotate.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { type Site, type Sites, shownEndpoint } from "./config/site.ts";
import type { Verdict } from "./evaluate/verdict.ts";
import { notificationOf } from "./notify/notification.ts";
import type { AddressFilter } from "./probe/net/address-filter.ts";
import type { Resolver } from "./probe/net/resolver.ts";
import { type CheckedSite, checkSite } from "./run/check-site.ts";
import { publish } from "./run/metrics.ts";
import { type PendingNotification, record, recordMonitor, type States } from "./run/save-results.ts";
import { traceProbe } from "./run/trace-probe.ts";
import type { Credentials, createCredentials } from "./secrets/credentials.ts";
import { secretRefs } from "./secrets/resolve-secrets.ts";
import type { SiteState } from "./state/state.ts";
import type { Store } from "./state/store.ts";
import { statusDocument } from "./status-page/document.ts";
import { renderPage } from "./status-page/render.ts";
import type { Upload } from "./status-page/upload.ts";
import { type Requests, requestsFrom } from "./triggers/requests.ts";

/** What the automation works with; made once per process. */
export interface Dependencies {
  readonly sites: Sites;
  readonly store: Store;
  readonly ledger: Pick<Ledger, "history">;
  readonly notify: Notify;
  readonly credentials: ReturnType<typeof createCredentials>;
  readonly names: Resolver;
  readonly guard: AddressFilter;
  readonly stopwatch: Stopwatch;
  /** Absent: no status page is wanted. */
  readonly upload?: Upload;
}

export interface Result {
  /** How many sites got which verdict in this run, before any threshold. */
  readonly checked: Readonly<Record<Verdict, number>>;
  /** Sites whose check of this tick counted already. */
  readonly alreadyChecked: number;
  /** `shop: UP -> DOWN`, as it was told. */
  readonly told: readonly string[];
  /** What was not UP: `shop: DOWN: status (500) == 200`. */
  readonly notUp: readonly string[];
  /** Triggers that ask for nothing, and why. */
  readonly nothing: readonly string[];
}

/** Kept back of the invocation's time to write, publish and tell what was found. */
const RESERVE_MS = 10_000;
const RELATED_READ = 10;
const DAY = 86_400_000;
const SENDS_AT_ONCE = 10;
const LISTED = 20;

/** One invocation: every wanted site probed and judged, what changed kept and told once. */
export async function checkSites(event: unknown, run: Run, deps: Dependencies): Promise<Result> {
  const requests = requestsFrom(
    annotateTriggers(decodeTriggers(event), run),
    deps.sites.list,
    run.clock.now(),
  );
  if ("nothing" in requests) return { ...emptyResult(), nothing: requests.nothing };

  run.progress("reading the sites' states; nothing was checked");
  const { states, due, credentials } = await observe(requests, run, deps);

  run.progress(`probing ${due.length} sites; nothing was kept or told`);
  const checked = await probeAll(due, states, credentials, run, deps);
  if (requests.mode === "observe") return resultOf(checked, 0, []);
  publish(run.metrics, checked, run.clock.now(), requests.part);

  run.progress(`keeping what was found of ${checked.length} sites; nothing was told`);
  const recorded = await keep(checked, states, requests, run, deps);

  run.progress("telling; what was not told is in the outbox and is told by the next run");
  const failures: ReflexError[] = [...recorded.failures];
  failures.push(...(await tell(recorded.toTell, run, deps)));

  run.progress("writing the status page; all is kept and told");
  const known = new Map([...statesIn(states), ...recorded.states]);
  failures.push(...(await showStatus(requests, known, run, deps)));

  const result = resultOf(checked, requests.sites.length - due.length, recorded.toTell);
  run.log.info("done", { ...result });
  const [first, ...others] = failures;
  if (first) throw mergeFailures([first, ...others]);
  return result;
}

/** It happens after a roll-back to a version that does not know what the newer one wrote. */
function warnOfUnreadable(states: States, run: Run): void {
  for (const [name, { state }] of states) {
    if (state) continue;
    run.log.warn(`site/${name}: what is kept of it cannot be read, so its state and history begin anew`);
  }
}

/** What is known of the sites, which of them are due, and what their probes have to show. */
async function observe({ sites, tick }: Requests, run: Run, { store, credentials }: Dependencies) {
  return run.stage("observe", async () => {
    const states = await store.read(names(sites), run.signal);
    warnOfUnreadable(states, run);
    const due = sites.filter(({ name }) => (states.get(name)?.state?.tick ?? 0) < tick);
    const read = await credentials.read(due.flatMap(secretRefs), run.clock.now(), run.signal);
    return { states, due, credentials: read };
  });
}

/** Probes with bounded concurrency until the time is up; sites that are DOWN already take no turn from others. */
async function probeAll(
  due: readonly Site[],
  states: States,
  credentials: Credentials,
  run: Run,
  deps: Dependencies,
): Promise<CheckedSite[]> {
  const { sites, names, guard, stopwatch } = deps;
  const healthyFirst = [...due].sort((a, b) => Number(isDown(a, states)) - Number(isDown(b, states)));
  const end = new AbortController();
  const left = run.remainingMs() - RESERVE_MS;
  if (left <= 0) end.abort();
  const timer = setTimeout(() => end.abort(), left);
  try {
    return await run.stage("probe", (stage) => {
      stage.annotate("sites", due.length);
      const now = run.clock.now();
      const context = { names, guard, stopwatch, run: end.signal, credentials, now, watch: traceProbe };
      return inParallel(healthyFirst, sites.concurrency, (site) => checkSite(site, context));
    });
  } finally {
    clearTimeout(timer);
  }
}

function isDown({ name }: Site, states: States): boolean {
  return states.get(name)?.state?.level === "DOWN";
}

async function keep(
  checked: readonly CheckedSite[],
  states: States,
  { tick, part }: Requests,
  run: Run,
  { store }: Dependencies,
): Promise<{
  states: ReadonlyMap<string, SiteState>;
  toTell: readonly PendingNotification[];
  failures: readonly ReflexError[];
}> {
  return run.stage("keep", async (stage) => {
    const now = run.clock.now();
    const context = { store, tick, now, claimedUntil: now + run.remainingMs(), signal: run.signal };
    const recorded = await record(checked, states, context);
    stage.annotate("changes", recorded.toTell.length);
    stage.metadata("notUp", notUp(checked).slice(0, LISTED));
    if (!part) return recorded;
    try {
      const monitor = await recordMonitor(checked, states, part, context);
      return { ...recorded, toTell: [...monitor, ...recorded.toTell] };
    } catch (error) {
      const failure = asFailure(error, "dynamodb:UpdateItem", "the monitor's state");
      return { ...recorded, failures: [...recorded.failures, failure] };
    }
  });
}

/** One message for all of it; then it goes out of the outbox. What fails here stays in, for the next run. */
async function tell(
  toTell: readonly PendingNotification[],
  run: Run,
  deps: Dependencies,
): Promise<ReflexError[]> {
  if (toTell.length === 0) return [];
  return run.stage("tell", async (stage) => {
    stage.annotate("changes", toTell.length);
    try {
      const notification = notificationOf(toTell, {
        now: run.clock.now(),
        runId: run.id,
        traceId: run.traceId,
        addresses: new Map(deps.sites.list.map(({ name, endpoint }) => [name, shownEndpoint(endpoint)])),
        acts: await latestActs(toTell, run, deps),
      });
      stage.annotate("resource", notification.resource);
      stage.annotate("told", notification.headline);
      stage.metadata("notification", notification);
      await deps.notify(notification, run);
      const { id, resource, headline } = notification;
      run.log.info(`told: ${headline}`, { resource, notification: id });
    } catch (error) {
      const cause = asFailure(error, "sns:Publish", "sites");
      return [
        new RetryLater(`${cause.message}. What changed is in the outbox: the next run tells it`, { cause }),
      ];
    }
    const outcomes = await inParallel(toTell, SENDS_AT_ONCE, async ({ site, change }) => {
      try {
        await deps.store.sent(site, change.id, run.signal);
        return undefined;
      } catch (error) {
        return asFailure(error, "dynamodb:UpdateItem", site === undefined ? "monitor" : `site/${site}`);
      }
    });
    return outcomes.filter((failure) => failure !== undefined);
  });
}

/** What the ledger did lately to what the told sites depend on. Without it the news is still worth telling. */
async function latestActs(toTell: readonly PendingNotification[], run: Run, { sites, ledger }: Dependencies) {
  const told = new Set(toTell.map(({ site }) => site));
  const related = new Set(sites.list.flatMap((site) => (told.has(site.name) ? site.related : [])));
  const since = run.clock.now() - DAY;
  return inParallel([...related].slice(0, RELATED_READ), RELATED_READ, async (resource) => {
    try {
      return { resource, entries: (await ledger.history(resource, since, run.signal)).entries };
    } catch (error) {
      run.log.warn(asFailure(error, "dynamodb:Query", resource).message);
      return { resource, entries: [] };
    }
  });
}

/** The first part of the list writes the page, with what the other parts have kept so far. */
async function showStatus(
  { part }: Requests,
  states: ReadonlyMap<string, SiteState>,
  run: Run,
  { sites, store, upload }: Dependencies,
): Promise<ReflexError[]> {
  const { statusPage } = sites;
  if (!statusPage || !upload || part?.number !== 1) return [];
  return run.stage("status page", async () => {
    try {
      const missing = names(sites.list).filter((name) => !states.has(name));
      const others = part.of > 1 ? statesIn(await store.read(missing, run.signal)) : [];
      const all = new Map([...states, ...others]);
      const now = run.clock.now();
      const status = statusDocument(statusPage.title, sites.list, all, now, ({ maintenance }) =>
        maintenance.some((window) => isOpen(window, now)),
      );
      await upload(
        [
          { name: "status.json", type: "application/json", content: JSON.stringify(status) },
          { name: "index.html", type: "text/html; charset=utf-8", content: renderPage(status) },
        ],
        run,
      );
      return [];
    } catch (error) {
      return [asFailure(error, "s3:PutObject", "the status page")];
    }
  });
}

/** The states that can be read. */
function statesIn(kept: States): [string, SiteState][] {
  return [...kept].flatMap(([name, { state }]) => (state ? [[name, state] as [string, SiteState]] : []));
}

function names(sites: readonly Site[]): string[] {
  return sites.map(({ name }) => name);
}

function emptyResult(): Result {
  return {
    checked: { UP: 0, DEGRADED: 0, DOWN: 0, UNKNOWN: 0 },
    alreadyChecked: 0,
    told: [],
    notUp: [],
    nothing: [],
  };
}

function resultOf(
  checked: readonly CheckedSite[],
  alreadyChecked: number,
  toTell: readonly PendingNotification[],
): Result {
  const counts = { UP: 0, DEGRADED: 0, DOWN: 0, UNKNOWN: 0 };
  for (const { judgement } of checked) counts[judgement.verdict] += 1;
  return {
    checked: counts,
    alreadyChecked,
    told: toTell.map((one) =>
      one.site === undefined
        ? `monitor: ${one.change.suspected ? "suspected" : "well again"}`
        : `${one.site}: ${one.change.from} -> ${one.change.to}`,
    ),
    notUp: notUp(checked).slice(0, LISTED),
    nothing: [],
  };
}

function notUp(checked: readonly CheckedSite[]): string[] {
  return checked.flatMap(({ site, judgement: { verdict, findings } }) =>
    verdict === "UP" ? [] : [`${site.name}: ${verdict}: ${findings[0]?.text ?? ""}`],
  );
}
