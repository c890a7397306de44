import { type AttributeValue, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { APPROVAL_TRAIL } from "../../shared/approvals/item.ts";
import { type Incident, incidents } from "../../shared/incidents/incident.ts";
import {
  type Entry,
  type Intent,
  intent,
  type KeptDecision,
  keptDecision,
  outcome,
} from "../../shared/ledger/entry.ts";
import { LAST_DECISION } from "../../shared/ledger/items.ts";
import { PAUSE_TRAIL, PAUSES_KEY, type Pauses, pausesOf } from "../../shared/ledger/pauses.ts";
import { whileShown } from "../cli/progress.ts";

type Item = Readonly<Record<string, AttributeValue>>;

/** What the ledger has of one resource, for a person. */
export interface ResourceView {
  /** For example `stream/orders`. */
  readonly resource: string;
  /** Newest first. */
  readonly entries: readonly Entry[];
  /** An intent without an outcome. */
  readonly inDoubt?: Intent;
  /** Decisions that came to something else than the one before, holds too; newest first. */
  readonly decisions: readonly KeptDecision[];
  /** What every look since then came to. */
  readonly lastDecision?: KeptDecision;
  /** Incidents that people were notified of and that have not ended, the oldest first. */
  readonly openIncidents: readonly Incident[];
}

/** The ledger of a stage, for a person. */
export interface LedgerView {
  readonly resources: readonly ResourceView[];
  readonly pauses: Pauses;
}

/** The whole ledger of a stage. It is a small table: what was done and decided in 90 days. */
export async function readLedger(client: DynamoDBClient, table: string): Promise<LedgerView> {
  return whileShown("Reading the ledger", async () => {
    const items: Item[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName: table })) items.push(...Items);
    return ledgerView(items);
  });
}

/** The items of a ledger as a person reads them; what this version cannot read is left out. */
export function ledgerView(items: readonly Item[]): LedgerView {
  const { pk } = PAUSES_KEY;
  const byResource = Map.groupBy(items, (item) => item.pk?.S ?? "");
  const [pauses] = byResource.get(pk.S) ?? [];
  byResource.delete(pk.S);
  const resources = [...byResource]
    .map(([resource, own]) => resourceView(resource, own))
    .filter(
      ({ entries, inDoubt, openIncidents, lastDecision }) =>
        entries.length + openIncidents.length > 0 || inDoubt || lastDecision,
    )
    .toSorted((a, b) => (a.resource < b.resource ? -1 : 1));
  return { resources, pauses: pausesOf(pauses) };
}

/** Whether it is a resource of an automation; the others are what a person did to Reflex itself. */
export const isManaged = ({ resource }: Pick<ResourceView, "resource">): boolean =>
  ![PAUSE_TRAIL, APPROVAL_TRAIL].some((trail) => resource.startsWith(trail));

const entryBody = z.object({ intent, outcome });

function resourceView(resource: string, items: readonly Item[]): ResourceView {
  const entries = items
    .filter((item) => item.sk?.S?.startsWith("entry#"))
    .flatMap((item) => readBody(entryBody, item.body?.S) ?? []);
  const [inDoubt] = items.flatMap((item) => readBody(intent, item.pending?.S) ?? []);
  const [lastDecision] = items
    .filter((item) => item.sk?.S === LAST_DECISION)
    .flatMap((item) => readBody(keptDecision, item.body?.S) ?? []);
  const decisions = items
    .filter((item) => item.sk?.S?.startsWith("decision#"))
    .flatMap((item) => readBody(keptDecision, item.body?.S) ?? []);
  const kept = items.flatMap((item) => Object.values(readBody(incidents, item.body?.S) ?? {}));
  return {
    resource,
    entries: entries.toSorted((a, b) => b.intent.at - a.intent.at),
    ...(inDoubt && { inDoubt }),
    decisions: decisions.toSorted((a, b) => b.at - a.at),
    ...(lastDecision && { lastDecision }),
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
