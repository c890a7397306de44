import { type AttributeValue, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { type Incident, incidents } from "../../shared/incidents/incident.ts";
import { type Entry, type Intent, intent, outcome } from "../../shared/ledger/entry.ts";

type Item = Readonly<Record<string, AttributeValue>>;

/** What the ledger has of one resource, for a person. */
export interface ResourceView {
  /** For example `stream/orders`. */
  readonly resource: string;
  /** Newest first. */
  readonly entries: readonly Entry[];
  /** An intent without an outcome. */
  readonly inDoubt?: Intent;
  /** Incidents that people were notified of and that have not ended, the oldest first. */
  readonly openIncidents: readonly Incident[];
}

/** The whole ledger of a stage, by resource. It is a small table: what was done in 90 days. */
export async function readLedger(client: DynamoDBClient, table: string): Promise<readonly ResourceView[]> {
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) items.push(...Items);
  return ledgerView(items);
}

/** The items of a ledger as a person reads them; what this version cannot read is left out. */
export function ledgerView(items: readonly Item[]): readonly ResourceView[] {
  const byResource = Map.groupBy(items, (item) => item.pk?.S ?? "");
  return [...byResource]
    .map(([resource, own]) => resourceView(resource, own))
    .filter(({ entries, inDoubt, openIncidents }) => entries.length + openIncidents.length > 0 || inDoubt)
    .toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
}

const entryBody = z.object({ intent, outcome });

function resourceView(resource: string, items: readonly Item[]): ResourceView {
  const entries = items
    .filter((item) => item.sk?.S?.startsWith("entry#"))
    .flatMap((item) => readBody(entryBody, item.body?.S) ?? []);
  const [inDoubt] = items.flatMap((item) => readBody(intent, item.pending?.S) ?? []);
  const kept = items.flatMap((item) => Object.values(readBody(incidents, item.body?.S) ?? {}));
  return {
    resource,
    entries: entries.toSorted((a, b) => b.intent.at - a.intent.at),
    ...(inDoubt && { inDoubt }),
    openIncidents: kept
      .filter(
        ({ kind, sequence, clearSince }) => kind === "condition" && sequence > 0 && clearSince === undefined,
      )
      .toSorted((a, b) => a.since - b.since),
  };
}

function readBody<Schema extends z.ZodMiniType>(schema: Schema, text: string | undefined) {
  if (text === undefined) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
