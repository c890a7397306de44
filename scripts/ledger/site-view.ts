import {
  type AttributeValue,
  type DynamoDBClient,
  paginateScan,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";

const found = z.array(z.object({ text: z.string() }));

/** What check-sites keeps of a site, as far as it is shown here. */
const siteState = z.object({
  tick: z.number(),
  probedAt: z.optional(z.number()),
  since: z.number(),
  sinceTraceId: z.optional(z.string()),
  lastGood: z.optional(z.number()),
  notified: z.optional(z.object({ state: z.string(), at: z.number() })),
  findings: found,
});

/** Beside it, in a column of its own: what the site is by all that is kept of it. */
const stateName = z.enum(["UP", "DEGRADED", "DOWN", "UNKNOWN", "PENDING"]);

/** What is kept of all sites together, in an item of its own. */
const pastIncidents = z.object({
  incidents: z.array(
    z.object({
      site: z.string(),
      since: z.number(),
      until: z.optional(z.number()),
      worst: z.string(),
      cause: z.string(),
    }),
  ),
});

/** A time in which a site was not as it should be, ms since the epoch; without an end while it lasts. */
export type SiteIncident = Omit<z.output<typeof pastIncidents>["incidents"][number], "site">;

/** A site, as the last check that counted left it. All times are ms since the epoch. */
export interface SiteStatus {
  /** For example `site/shop`. */
  readonly resource: string;
  /** PENDING: checked too few times yet to say. */
  readonly state: z.output<typeof stateName>;
  readonly since: number;
  readonly checkedAt: number;
  /** What the last check found, in sentences: each a condition that does not hold. */
  readonly findings: readonly string[];
  /** The last check that was UP. */
  readonly lastGood?: number | undefined;
  /** What people were notified of last. */
  readonly notified?: { readonly state: string; readonly at: number } | undefined;
  /** The trace of the run in which it came to its state. */
  readonly traceId?: string | undefined;
  /** Of the last 500 of all sites; newest first. */
  readonly incidents: readonly SiteIncident[];
}

/** Every site of the stage; none where the stage checks none. Needs dynamodb:Scan of `reflex-<stage>-sites`. */
export async function readSites(client: DynamoDBClient, stage: string): Promise<readonly SiteStatus[]> {
  const items: Item[] = [];
  try {
    const table = { TableName: `reflex-${stage}-sites` };
    for await (const { Items = [] } of paginateScan({ client }, table)) items.push(...Items);
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  return siteViews(items);
}

type Item = Readonly<Record<string, AttributeValue>>;

/** The items of the sites' table as a person reads them; what another version wrote is left out. */
export function siteViews(items: readonly Item[]): readonly SiteStatus[] {
  const past = items.find(({ pk }) => pk?.S === "incidents");
  const incidents = Map.groupBy(bodyOf(past, pastIncidents)?.incidents ?? [], ({ site }) => `site/${site}`);
  return items
    .flatMap((item) => {
      const resource = item.pk?.S ?? "";
      return resource.startsWith("site/") ? (siteView(resource, item, incidents.get(resource)) ?? []) : [];
    })
    .toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
}

function siteView(
  resource: string,
  item: Item,
  incidents: z.output<typeof pastIncidents>["incidents"] = [],
): SiteStatus | undefined {
  const body = bodyOf(item, siteState);
  const { data: state } = stateName.safeParse(item.state?.S);
  if (!body || !state) return undefined;
  const { since, probedAt, tick, findings, lastGood, notified, sinceTraceId: traceId } = body;
  return {
    ...{ resource, state, since, checkedAt: probedAt ?? tick },
    findings: findings.map(({ text }) => text),
    ...{ lastGood, notified, traceId },
    incidents: incidents.map(({ site: _, ...one }) => one).toSorted((a, b) => b.since - a.since),
  };
}

function bodyOf<Schema extends z.ZodMiniType>(item: Item | undefined, schema: Schema) {
  try {
    return schema.safeParse(JSON.parse(item?.body?.S ?? "null")).data;
  } catch {
    return undefined;
  }
}
