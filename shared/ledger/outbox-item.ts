import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { type Incidents, incidents } from "../incidents/incident.ts";
import { type Notification, notification } from "../notify/notification.ts";
import { readBody } from "./kept-value.ts";
import { OUTBOX_KEYS } from "./outbox-index.ts";

/** How notifications that wait stand in an item of the ledger: one attribute each, and the keys of the outbox's index. */

/** The partition of the index that holds every item with something waiting. */
export const WAITING = "waiting";
const ENTRY = "outbox#";
/** The sort key of a resource's incidents. */
export const INCIDENTS_KEY = "incidents";

type Item = Record<string, AttributeValue>;

/** A notification, and until when the run that wrote it may be sending it, ms since the epoch: 0 if it must not. */
export interface OutboxEntry {
  readonly notification: Notification;
  readonly claimedUntil: number;
}

/** The incidents of a resource, as one run read them. */
export interface IncidentRecord {
  readonly resource: string;
  /** Rises with every write; 0 for one that is not there yet. */
  readonly version: number;
  readonly incidents: Incidents;
  readonly waiting: readonly OutboxEntry[];
}

/** The part of an update expression that puts notifications into an item. */
export function outboxUpdate(entries: readonly OutboxEntry[], now: number): OutboxUpdate {
  const last = entries.at(-1);
  if (!last) return { set: [], names: {}, values: {}, mark: "" };
  const mark = `${new Date(now).toISOString()}#${last.notification.id}`;
  return {
    set: [
      ...entries.map((_, at) => `#outbox${at} = :outbox${at}`),
      "#outboxPartition = :outboxPartition",
      "#outboxSort = :outboxSort",
    ],
    names: {
      ...Object.fromEntries(entries.map((one, at) => [`#outbox${at}`, entryName(one.notification.id)])),
      "#outboxPartition": OUTBOX_KEYS.partition,
      "#outboxSort": OUTBOX_KEYS.sort,
    },
    values: {
      ...Object.fromEntries(entries.map((one, at) => [`:outbox${at}`, asAttribute(one)])),
      ":outboxPartition": { S: WAITING },
      ":outboxSort": { S: mark },
    },
    mark,
  };
}

/** A part of an update expression, and the mark the item has in the index with it. */
export interface OutboxUpdate {
  readonly set: readonly string[];
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
  readonly mark: string;
}

const storedEntry = z.object({ notification, claimedUntil: z.number() });

/** The key of an item of the ledger. */
export const itemKey = (resource: string, sortKey: string) => ({ pk: { S: resource }, sk: { S: sortKey } });

/** An entry as it is stored. */
export const asAttribute = (entry: OutboxEntry): AttributeValue => ({ S: JSON.stringify(entry) });

/** The name of an entry's attribute. */
export const entryName = (id: string): string => `${ENTRY}${id}`;

/** Whether an item has entries that another version wrote. */
export const hasUnreadable = (item: Item): boolean =>
  Object.keys(item).filter((name) => name.startsWith(ENTRY)).length > entriesOf(item).length;

/** What waits in an item of the ledger. An entry that cannot be read was written by another version, and stays for it. */
export function entriesOf(item: Item): OutboxEntry[] {
  return Object.entries(item).flatMap(([name, value]) => {
    if (!name.startsWith(ENTRY)) return [];
    return readBody(storedEntry, value.S) ?? [];
  });
}

/** @param item as it was read; undefined where there is none */
export function incidentRecord(resource: string, item: Item | undefined): IncidentRecord {
  return {
    resource,
    version: Number(item?.version?.N ?? "0"),
    // What another version wrote is learnt anew: an incident that stands begins again.
    incidents: readBody(incidents, item?.body?.S) ?? {},
    waiting: item ? entriesOf(item) : [],
  };
}

/** By time, and within one moment by their number in their incident. */
export function byEvent(a: Notification, b: Notification): number {
  return (
    a.at.localeCompare(b.at) ||
    (a.incident?.sequence ?? 0) - (b.incident?.sequence ?? 0) ||
    a.id.localeCompare(b.id)
  );
}
