import * as z from "zod/mini";

const fact = z.object({
  /** For example `utilisation, peak of the last 5 minutes`. */
  name: z.string(),
  /** As a person reads it, with its unit: `92 %`, `1,240 records/s`. */
  value: z.string(),
});

/** One resource that went from one state to another; times are ISO 8601, UTC. */
const stateChange = z.object({
  /** The same for every delivery. */
  id: z.string(),
  /** For example `site/shop`. */
  resource: z.string(),
  /** `reminder`: nothing changed, it still is so. */
  kind: z.enum(["change", "reminder"]),
  from: z.string(),
  to: z.string(),
  at: z.string(),
  reason: z.optional(z.string()),
  /** How much it matters, by the config: `critical`, `error`, `warning`, `info`. */
  severity: z.optional(z.string()),
  /** What was found now, and what was found first. */
  found: z.array(z.string()),
  first: z.optional(z.array(z.string())),
  /** Of the incident, its length once it is over. */
  since: z.optional(z.string()),
  until: z.optional(z.string()),
  seconds: z.optional(z.number()),
  lastGood: z.optional(z.string()),
});

/**
 * One notification: work, resource, events, in that order. What hurt and for whom; what the decision was
 * read from; what was done lately; then what was done now, what it costs and what would undo it.
 */
export const notification = z.strictObject({
  /** The same for every delivery of one notification: receivers drop what they have seen. */
  id: z.string(),
  /** ISO 8601, UTC. */
  at: z.string(),
  automation: z.string(),
  /** The resource as the ledger names it, for example `stream/orders`. */
  resource: z.string(),
  /** One sentence: the subject. */
  headline: z.string(),
  /** The work metrics that called. */
  work: z.array(fact),
  /** The resource metrics the decision was read from. */
  resourceMetrics: z.array(fact),
  /** What the ledger did lately, newest first. */
  events: z.array(z.object({ at: z.string(), text: z.string() })),
  /** For machines: each change of state that is told, when one notification tells several. */
  changes: z.optional(z.array(stateChange)),
  /** What was done; from what to what in the resource's unit where a size changed. */
  done: z.object({
    what: z.string(),
    from: z.optional(z.number()),
    to: z.optional(z.number()),
    unit: z.optional(z.string()),
  }),
  reasons: z.array(z.string()),
  /** USD, on-demand price, us-east-1. */
  costPerMonth: z.optional(z.object({ before: z.number(), after: z.number() })),
  /** A command or a sentence. */
  undo: z.optional(z.string()),
  traceId: z.optional(z.string()),
});
export type Notification = z.output<typeof notification>;

/** The plain-text rendering, for a mail or a chat. */
export function asText(told: Notification): string {
  const { done, costPerMonth } = told;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
  const change =
    done.from === undefined || done.to === undefined
      ? ""
      : ` (${done.from} -> ${done.to} ${done.unit ?? ""})`;
  return [
    told.headline,
    ...section("What called", told.work.map(asLine)),
    ...section("Read from", told.resourceMetrics.map(asLine)),
    ...section(
      "Before",
      told.events.map(({ at, text }) => `${at}  ${text}`),
    ),
    ...section("Done", [`${done.what}${change.replace(" )", ")")}`]),
    ...section("Why", told.reasons),
    ...(costPerMonth
      ? section("Cost a month", [`$${costPerMonth.before.toFixed(2)} -> $${costPerMonth.after.toFixed(2)}`])
      : []),
    ...(told.undo ? section("To undo", [told.undo]) : []),
    "",
    `${told.resource} · ${told.automation} · ${told.at}${told.traceId ? ` · trace ${told.traceId}` : ""}`,
  ].join("\n");
}

/** SNS takes fewer than 100 ASCII characters without line breaks or control characters. */
export function asSubject({ headline }: Notification): string {
  const ascii = headline
    .replace(/->|→/g, "to")
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return ascii.length < 100 ? ascii : `${ascii.slice(0, 96)}...`;
}

function asLine({ name, value }: { name: string; value: string }): string {
  return `${name}: ${value}`;
}
