import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { REQUEST_KEY, readRequest } from "../approvals/item.ts";
import { Misconfigured } from "../lambda/errors.ts";
import { CHANGES_KEYS, dayOf } from "./changes-index.ts";
import {
  type Entry,
  type History,
  type Intent,
  intent,
  type KeptDecision,
  keptDecision,
  outcome,
} from "./entry.ts";
import { readBody } from "./kept-value.ts";
import { entriesOf, INCIDENTS_KEY, incidentRecord } from "./outbox-item.ts";

type Item = Record<string, AttributeValue>;

/** The head's sort key. It sorts after every `entry#…`, so one query read backwards brings both. */
export const HEAD = "head";

/** The sort key of the last decision. It sorts after every entry too. */
export const LAST_DECISION = "last-decision";

const entryBody = z.lazy(() => z.object({ intent, outcome }));

/** The sort key of the first entry at or after `at` (ms since the epoch). */
export function entryKeyAt(at: number): string {
  return `entry#${new Date(Math.max(0, at)).toISOString()}`;
}

export const entryKey = (resource: string, { id, at }: Intent) => ({
  pk: { S: resource },
  sk: { S: `${entryKeyAt(at)}#${id}` },
});

export function entryItem(resource: string, entry: Entry, keepMs: number): Item {
  return {
    ...entryKey(resource, entry.intent),
    body: { S: JSON.stringify(entry) },
    // What a person searches the table for stands beside the body.
    action: { S: entry.intent.action },
    result: { S: entry.outcome.result },
    change: { S: `${entry.intent.from} -> ${entry.intent.to}` },
    [CHANGES_KEYS.partition]: { S: dayOf(entry.intent.at) },
    [CHANGES_KEYS.sort]: { S: `${new Date(entry.intent.at).toISOString()}#${entry.intent.id}` },
    expiresAt: { N: String(Math.ceil((entry.intent.at + keepMs) / 1000)) },
  };
}

/** The decision twice: as the last one, which the next look reads, and in the row of all that were kept. */
export function decisionItems(resource: string, decision: KeptDecision, keepMs: number): readonly Item[] {
  const item = {
    pk: { S: resource },
    body: { S: JSON.stringify(decision) },
    verdict: { S: decision.verdict },
    expiresAt: { N: String(Math.ceil((decision.at + keepMs) / 1000)) },
  };
  const { expiresAt: _, ...last } = item;
  return [
    { ...item, sk: { S: `decision#${new Date(decision.at).toISOString()}` } },
    { ...last, sk: { S: LAST_DECISION } },
  ];
}

/** An entry of the audit trail; undefined for an item that is none, or that another version wrote. */
export const readEntry = (item: Item): Entry | undefined => readBody(entryBody, item.body?.S);

/** The sort key of the profile. It sorts after every `entry#…`: the query for the history brings it too. */
const PROFILE = "profile";

export function profileItem(resource: string, profile: string, expiresAtMs: number): Item {
  return {
    pk: { S: resource },
    sk: { S: PROFILE },
    body: { S: profile },
    expiresAt: { N: String(Math.ceil(expiresAtMs / 1000)) },
  };
}

/** The items of one resource, newest first, as a history. Items that are not ours (`notified#…`) are skipped. */
export function readHistory(resource: string, items: readonly Item[]): History {
  const bySortKey = new Map(items.map((item) => [item.sk?.S, item]));
  const head = bySortKey.get(HEAD);
  const entries = items.flatMap((item): Entry[] =>
    item.sk?.S?.startsWith("entry#") ? [readAs(entryBody, item.body?.S, resource, item.sk.S)] : [],
  );
  const number = (key: string): number | undefined =>
    head?.[key]?.N === undefined ? undefined : Number(head[key].N);
  const leasedUntil = number("leasedUntil");
  const lastScaleOut = number("lastScaleOut");
  const lastScaleIn = number("lastScaleIn");
  const lastDecision = readDecision(bySortKey.get(LAST_DECISION)?.body?.S);
  const request = readRequest(bySortKey.get(REQUEST_KEY));
  const lastSeenChanging = number("lastSeenChanging");
  const profile = bySortKey.get(PROFILE)?.body?.S;
  return {
    resource,
    version: number("version") ?? 0,
    entries,
    ...(head && entriesOf(head).length > 0 && { outbox: "waiting" as const }),
    ...(lastDecision && { lastDecision }),
    ...(request && { request }),
    incidents: incidentRecord(resource, bySortKey.get(INCIDENTS_KEY)),
    ...(leasedUntil !== undefined && { leasedUntil }),
    ...(lastScaleOut !== undefined && { lastScaleOut }),
    ...(lastScaleIn !== undefined && { lastScaleIn }),
    ...(lastSeenChanging !== undefined && { lastSeenChanging }),
    ...(profile !== undefined && { profile }),
    ...(head?.pending?.S !== undefined && { pending: readAs(intent, head.pending.S, resource, HEAD) }),
  };
}

/** One that cannot be read was written by another version: the next look keeps its own. */
export const readDecision = (text: string | undefined): KeptDecision | undefined =>
  readBody(keptDecision, text);

function readAs<S extends z.ZodMiniType>(
  schema: S,
  text: string | undefined,
  resource: string,
  sk: string,
): z.output<S> {
  try {
    return schema.parse(JSON.parse(text ?? "null"));
  } catch (cause) {
    throw new Misconfigured(
      `the ledger's item ${sk} of ${resource} is none that Reflex wrote: nothing was decided, because what was done before is not known`,
      { resource, cause },
    );
  }
}
