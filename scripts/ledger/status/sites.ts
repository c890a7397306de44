import { type DynamoDBClient, paginateScan, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";

/** What check-sites keeps of a site, as far as it is shown here. */
const siteState = z.object({
  tick: z.number(),
  probedAt: z.optional(z.number()),
  since: z.number(),
  findings: z.array(z.object({ text: z.string() })),
});

/** Beside it, in a column of its own: what the site is by all that is kept of it. */
const stateName = z.enum(["UP", "DEGRADED", "DOWN", "UNKNOWN", "PENDING"]);

/** A site, as the last check that counted left it. */
export interface SiteStatus {
  /** For example `site/shop`. */
  readonly resource: string;
  /** PENDING: checked too few times yet to say. */
  readonly state: z.output<typeof stateName>;
  /** Since when, ms since the epoch. */
  readonly since: number;
  readonly checkedAt: number;
  /** What the last check found, in sentences. */
  readonly findings: readonly string[];
}

/** Every site of the stage; none where the stage checks none. Needs dynamodb:Scan of `reflex-<stage>-sites`. */
export async function readSites(client: DynamoDBClient, stage: string): Promise<readonly SiteStatus[]> {
  const sites: SiteStatus[] = [];
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: `reflex-${stage}-sites` })) {
      for (const { pk, body, state } of Items) {
        const found = pk?.S?.startsWith("site/") ? readState(body?.S, state?.S) : undefined;
        if (found) sites.push({ resource: pk?.S ?? "", ...found });
      }
    }
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  return sites.toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
}

/** What another version wrote is left out. */
function readState(
  text: string | undefined,
  column: string | undefined,
): Omit<SiteStatus, "resource"> | undefined {
  try {
    const { data } = siteState.safeParse(JSON.parse(text ?? "null"));
    const { data: state } = stateName.safeParse(column);
    if (!data || !state) return undefined;
    const { since, probedAt, tick, findings } = data;
    return {
      state,
      since,
      checkedAt: probedAt ?? tick,
      findings: findings.map((one) => one.text),
    };
  } catch {
    return undefined;
  }
}
