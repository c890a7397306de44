import * as z from "zod/mini";
import { stateOf } from "../../../functions/check-sites/state/state-of.ts";
import type { MetricStore } from "../../cloudwatch/metrics/store.ts";
import { metricByMinute } from "./minutes.ts";
import type { Minutes, SiteView } from "./state.ts";

/** A site of the sandbox's own that can be made to misbehave. */
export interface SiteSwitch {
  /** As it is named in the config. */
  readonly name: string;
  readonly behaviours: readonly { readonly id: string; readonly label: string }[];
  /** The id of the behaviour it has now. */
  current(): string;
  /** @throws {Error} for an id that is none of its behaviours */
  behave(id: string): Promise<void>;
}

/** What check-sites keeps of a site, as far as it is shown. */
const kept = z.looseObject({
  level: z.optional(z.enum(["UP", "DEGRADED", "DOWN"])),
  since: z.number(),
  recent: z.string(),
  unknownRun: z.number(),
  findings: z.array(z.looseObject({ text: z.string() })),
  certificate: z.optional(z.looseObject({ validTo: z.number() })),
});

/** One item of the sites' table: the state as JSON. */
const item = z.looseObject({
  pk: z.object({ S: z.string().check(z.startsWith("site/")) }),
  body: z.object({ S: z.string() }),
});

/** The sites check-sites keeps, and those of the sandbox's own that it has not checked yet; by name. */
export function siteViews(
  items: readonly unknown[],
  switches: readonly SiteSwitch[],
  metrics: MetricStore,
  minutes: Minutes,
): SiteView[] {
  const bySwitch = new Map(switches.map((one) => [one.name, one]));
  const checked = items.flatMap((one) => siteView(one, metrics, minutes));
  const names = new Set(checked.map(({ name }) => name));
  const unchecked = switches
    .filter(({ name }) => !names.has(name))
    .map(({ name }): SiteView => ({ name, state: "NOT CHECKED", recent: "", findings: [], durations: [] }));
  return [...checked, ...unchecked]
    .map((view) => withSwitch(view, bySwitch.get(view.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function siteView(raw: unknown, metrics: MetricStore, minutes: Minutes): SiteView[] {
  const parsed = item.safeParse(raw);
  const state = parsed.success ? kept.safeParse(JSON.parse(parsed.data.body.S)) : undefined;
  if (!parsed.success || !state?.success) return [];
  const name = parsed.data.pk.S.slice("site/".length);
  const { since, recent, findings, certificate } = state.data;
  const durations = metricByMinute(
    metrics,
    { namespace: "Reflex", name: "Duration", dimensions: { service: "check-sites", Site: name } },
    minutes,
    ({ sum, count }) => sum / count,
  );
  const durationMs = durations.findLast((value) => value !== null);
  return [
    {
      name,
      state: stateOf(state.data) ?? "NOT CHECKED",
      since,
      recent,
      findings: findings.map(({ text }) => text),
      durations,
      ...(typeof durationMs === "number" && { durationMs }),
      ...(certificate && { certificateValidTo: certificate.validTo }),
    },
  ];
}

function withSwitch(view: SiteView, found: SiteSwitch | undefined): SiteView {
  return found ? { ...view, behaviours: found.behaviours, behaves: found.current() } : view;
}
