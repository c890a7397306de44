import type { SitePolicy } from "../../../../functions/check-sites/config/policy.ts";
import { compileSite, type Site } from "../../../../functions/check-sites/config/site.ts";
import { type StatusPage, sites as schema } from "../../../../functions/check-sites/config/sites.ts";
import type { PastIncident } from "../../../../functions/check-sites/state/past-incidents.ts";
import type { SiteState } from "../../../../functions/check-sites/state/state.ts";
import { newState } from "../../../../functions/check-sites/state/transition.ts";
import { emptyHistory, remember } from "../../../../functions/check-sites/state/uptime.ts";

export const NOW = Date.parse("2026-03-01T10:00:00Z");
const DAY = 86_400_000;
const SLOT = 300_000;

export function siteNamed(name: string, policy: Partial<SitePolicy> = {}): Site {
  const compiled = compileSite(name, { url: `https://${name}.example.com/health?token=hidden`, ...policy });
  if ("problems" in compiled) throw new Error("the sample site does not compile");
  return compiled.site;
}

/** A site with three months behind it, one bad day in them, and a day of response times. */
export function stateOfSample(parts: Partial<SiteState> = {}): SiteState {
  let history = emptyHistory(NOW - 100 * DAY);
  for (let day = 100; day >= 1; day--) {
    history = remember(history, { at: NOW - day * DAY, verdict: "UP", duration: 120, inMaintenance: false });
    if (day === 30)
      history = remember(history, { at: NOW - day * DAY, verdict: "DOWN", inMaintenance: false });
  }
  for (let slot = 287; slot >= 0; slot--) {
    const duration = 120 + 80 * Math.sin(slot / 20) + (slot === 40 ? 500 : 0);
    history = remember(history, { at: NOW - slot * SLOT, verdict: "UP", duration, inMaintenance: false });
  }
  return {
    ...newState(NOW),
    level: "UP",
    since: NOW - 3 * DAY,
    certificate: { subject: "shop", issuer: "Example CA", validTo: NOW + 20.5 * DAY },
    history,
    ...parts,
  };
}

/** The same site, down for eleven minutes, quoting something that looks like markup. */
export function stateDown(): SiteState {
  const finding = {
    severity: "down" as const,
    reason: "body" as const,
    text: 'body is "<img src=x onerror=alert(1)>", expected to contain "ok"',
  };
  return stateOfSample({
    level: "DOWN",
    since: NOW - 11 * 60_000,
    findings: [finding],
    incident: { since: NOW - 11 * 60_000, worst: "DOWN", first: [finding], latest: [finding] },
  });
}

/** The page's options, with their defaults. */
export function pageOf(options: object = {}): StatusPage {
  const { statusPage } = schema.parse({ statusPage: { title: "Ours", ...options } });
  if (!statusPage) throw new Error("the sample has no page");
  return statusPage;
}

/** Down for eleven minutes thirty days ago, and again now. */
export const INCIDENTS: readonly PastIncident[] = [
  {
    site: "shop",
    since: NOW - 11 * 60_000,
    worst: "DOWN",
    reason: "body",
    cause: 'body is "<b>", expected to contain "ok"',
  },
  {
    site: "shop",
    since: NOW - 3 * DAY,
    until: NOW - 3 * DAY + 11 * 60_000,
    worst: "DEGRADED",
    reason: "timeout",
    cause: "response time 1,210 ms, expected under 1 s",
  },
  {
    site: "shop",
    since: NOW - 30 * DAY,
    until: NOW - 30 * DAY + 11 * 60_000,
    worst: "DOWN",
    reason: "status",
    cause: "status is 500, expected 200-299",
  },
];
