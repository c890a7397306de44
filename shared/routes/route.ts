import { entryFor } from "../config/patterns.ts";
import { severityRank } from "../incidents/severity.ts";
import type { SingleNotification } from "../notify/events-of.ts";
import { isOpen, parseWindow } from "../time/windows.ts";
import type { NotifyConfig, Route } from "./routes.ts";
import type { Target } from "./targets.ts";
import { uniqueTargets } from "./unique-targets.ts";

/** The automation that alarms on Reflex itself go by. */
export const REFLEX = "reflex";

/**
 * The routes that take a notification, in order: the first that matches, and what comes after one that continues. A page
 * about Reflex itself that none takes goes to the first one that notifies anybody: nobody may be left to find out that
 * Reflex does not work.
 */
export function routesOf(one: SingleNotification, config: NotifyConfig): readonly Route[] {
  const taking: Route[] = [];
  for (const route of config.routes) {
    if (!matches(route, one, config.groups)) continue;
    taking.push(route);
    if (!route.continue) break;
  }
  const isPage = one.automation === REFLEX && one.severity === "critical";
  return taking.length === 0 && isPage ? defaultRoute(config) : taking;
}

const defaultRoute = ({ routes }: Pick<NotifyConfig, "routes">): readonly Route[] =>
  routes.filter((route) => uniqueTargets([route]).length > 0).slice(0, 1);

/** Where a notification goes; each target once. */
export const targetsFor = (one: SingleNotification, config: NotifyConfig): readonly Target[] =>
  uniqueTargets(routesOf(one, config));

/** The time of the notification counts, not that of its delivery: whoever tries again comes to the same. */
function matches(route: Route, one: SingleNotification, groups: NotifyConfig["groups"]): boolean {
  const { automations, resources, groups: names, minSeverity, windows } = route;
  return (
    (automations?.includes(one.automation) ?? true) &&
    (resources === undefined || isAmong(one.resource, resources)) &&
    (names?.some((name) => name === one.group || isAmong(one.resource, groups[name] ?? [])) ?? true) &&
    (minSeverity === undefined || severityRank(one.severity) <= severityRank(minSeverity)) &&
    (windows?.some((window) => isOpen(parseWindow(window), Date.parse(one.at))) ?? true)
  );
}

const isAmong = (resource: string, patterns: readonly string[]): boolean =>
  entryFor(Object.fromEntries(patterns.map((pattern) => [pattern, true])), resource) === true;
