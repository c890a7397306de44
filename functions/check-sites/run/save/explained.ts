import type { Site } from "../../config/site.ts";
import type { SiteState } from "../../state/state.ts";
import type { StoredItem } from "../../state/store.ts";
import type { CheckedSite } from "../check-site.ts";

/** The states as the run read them, those of sites that others depend on included. */
type StatesBefore = ReadonlyMap<string, Pick<StoredItem<SiteState, unknown>, "state">>;

/** What is known of the sites that others depend on. */
export interface DependedOn {
  /** They are DOWN, or were at their last check: what depends on one is part of its incident, until it has recovered. */
  readonly down: ReadonlySet<string>;
  /** Another part of the list checks them at this very moment: what it finds is known in the next run. */
  readonly pending: ReadonlySet<string>;
}

/** By what this run found, and by what is stored of sites that it did not check. */
export function dependedOn(checked: readonly CheckedSite[], states: StatesBefore, tick: number): DependedOn {
  const own = new Set(checked.map(({ site }) => site.name));
  const now = checked.filter(({ evaluation }) => evaluation.verdict === "DOWN").map(({ site }) => site.name);
  const stored = [...states].flatMap(([name, { state }]) => (state ? [{ name, state }] : []));
  const before = stored.filter(({ state }) => state.level === "DOWN");
  const elsewhere = stored.filter(({ name }) => !own.has(name));
  const failing = elsewhere.filter(({ state }) => state.recent.endsWith("D"));
  return {
    down: new Set([...now, ...[...before, ...failing].map(({ name }) => name)]),
    pending: new Set(elsewhere.filter(({ state }) => isDueWith(state, tick)).map(({ name }) => name)),
  };
}

/** Checked a minute ago, it is checked with this tick as well. */
const EVERY_MINUTE_MS = 90_000;

function isDueWith({ tick: last }: SiteState, tick: number): boolean {
  return last < tick && tick - last <= EVERY_MINUTE_MS;
}

/** Whether a site's failure is explained by another's: then only that one is notified. A failure that is new waits for what another part finds. */
export function isExplained(
  { dependsOn }: Site,
  before: SiteState | undefined,
  { down, pending }: DependedOn,
): "explained" | "own" {
  const isNew = !before?.recent.endsWith("D");
  return dependsOn.some((name) => down.has(name) || (isNew && pending.has(name))) ? "explained" : "own";
}
