import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { asFailure } from "../aws/failure.ts";
import { type Incidents, incidents } from "../incidents/incident.ts";
import { type Notification, notification } from "../notify/notification.ts";
import { OUTBOX_INDEX, OUTBOX_KEYS } from "./outbox-index.ts";

/**
 * Notifications wait in the item they came with: the head of a resource (a change with its outcome) or its incidents.
 * They are written in the one conditional write that makes them true, sent afterwards, and then removed. What a dead run
 * left is found by an index that holds only the items with something waiting.
 */

const WAITING = "waiting";
const ENTRY = "outbox#";
/** The sort key of a resource's incidents. */
export const INCIDENTS_KEY = "incidents";
/** So many items are read of the index in one run: the rest waits for the next. */
const MOST_ITEMS = 50;

type Item = Record<string, AttributeValue>;

/** A notification, and until when the run that wrote it may be sending it, ms since the epoch: 0 if it must not. */
export interface OutboxEntry {
  readonly notification: Notification;
  readonly claimedUntil: number;
}

/** Notifications of one item that this run, and no other, may send now; in the order of their events. */
export interface ClaimedItem {
  readonly resource: string;
  readonly sortKey: string;
  readonly mark: string;
  readonly notifications: readonly Notification[];
  /** Whether the item has other notifications, which this run may not send. */
  readonly rest: "none" | "some";
}

/** The incidents of a resource, as one run read them. */
export interface IncidentRecord {
  readonly resource: string;
  /** Rises with every write; 0 for one that is not there yet. */
  readonly version: number;
  readonly incidents: Incidents;
  readonly waiting: readonly OutboxEntry[];
}

/** What waits in all of the service. */
export interface Waiting {
  readonly claimed: readonly ClaimedItem[];
  /** When the oldest of all that waits was written, ms since the epoch. */
  readonly oldestAt?: number;
}

/** Times in ms since the epoch. */
export interface Claim {
  readonly now: number;
  /** Until when this run can be sending: after that it is dead, and another may send. */
  readonly until: number;
}

export interface Outbox {
  incidents(resource: string, signal?: AbortSignal): Promise<IncidentRecord>;
  /**
   * Writes the incidents with the notifications that follow, in one conditional write, and claims what may be sent with
   * them. Undefined when another run has written since: then nothing of it counts.
   */
  writeIncidents(
    before: IncidentRecord,
    after: Incidents,
    notifications: readonly Notification[],
    claim: Claim,
    signal?: AbortSignal,
  ): Promise<ClaimedItem | undefined>;
  /** Claims what dead runs left, oldest first. */
  claimWaiting(claim: Claim, signal?: AbortSignal): Promise<Waiting>;
  /** Removes what was sent. */
  remove(sent: ClaimedItem, signal?: AbortSignal): Promise<void>;
}

export interface OutboxOptions {
  readonly table: string;
  /** How long the incidents of a resource are kept after the last change of them, by the table's TTL. */
  readonly keepMs: number;
}

export function createOutbox(client: DynamoDBClient, options: OutboxOptions): Outbox {
  return new DynamoOutbox(client, options);
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
      ...Object.fromEntries(entries.map((one, at) => [`#outbox${at}`, `${ENTRY}${one.notification.id}`])),
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

export interface OutboxUpdate {
  readonly set: readonly string[];
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
  readonly mark: string;
}

class DynamoOutbox implements Outbox {
  readonly #client: DynamoDBClient;
  readonly #options: OutboxOptions;

  constructor(client: DynamoDBClient, options: OutboxOptions) {
    this.#client = client;
    this.#options = options;
  }

  async incidents(resource: string, signal?: AbortSignal): Promise<IncidentRecord> {
    const Key = keyOf(resource, INCIDENTS_KEY);
    const get = new GetItemCommand({ TableName: this.#options.table, Key, ConsistentRead: true });
    try {
      const { Item } = await this.#client.send(get, { abortSignal: signal });
      return incidentRecord(resource, Item);
    } catch (error) {
      throw asFailure(error, "dynamodb:GetItem", resource);
    }
  }

  async writeIncidents(
    before: IncidentRecord,
    after: Incidents,
    notifications: readonly Notification[],
    claim: Claim,
    signal?: AbortSignal,
  ): Promise<ClaimedItem | undefined> {
    const { resource, version, waiting } = before;
    // While another run may be sending what came before, what comes after has to wait: people read it in order.
    const isHeld = waiting.some(({ claimedUntil }) => claimedUntil > claim.now);
    const claimedUntil = isHeld ? 0 : claim.until;
    const sendable = [...waiting.map((one) => one.notification), ...notifications].toSorted(byEvent);
    const entries = isHeld ? notifications : sendable;
    const update = outboxUpdate(
      entries.map((one) => ({ notification: one, claimedUntil })),
      claim.now,
    );
    const command = new UpdateItemCommand({
      TableName: this.#options.table,
      Key: keyOf(resource, INCIDENTS_KEY),
      UpdateExpression: `SET ${["version = :next", "body = :body", "expiresAt = :expires", ...update.set].join(", ")}`,
      ConditionExpression: version === 0 ? "attribute_not_exists(version)" : "version = :version",
      ...(entries.length > 0 && { ExpressionAttributeNames: update.names }),
      ExpressionAttributeValues: {
        ...update.values,
        ...(version > 0 && { ":version": { N: String(version) } }),
        ":next": { N: String(version + 1) },
        ":body": { S: JSON.stringify(after) },
        ":expires": { N: String(Math.ceil((claim.now + this.#options.keepMs) / 1000)) },
      },
    });
    try {
      await this.#client.send(command, { abortSignal: signal });
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw asFailure(error, "dynamodb:UpdateItem", resource);
    }
    return {
      resource,
      sortKey: INCIDENTS_KEY,
      mark: update.mark,
      notifications: isHeld ? [] : sendable,
      rest: isHeld ? "some" : "none",
    };
  }

  async claimWaiting(claim: Claim, signal?: AbortSignal): Promise<Waiting> {
    const items = await this.#itemsWithSomethingWaiting(signal);
    const times = items.flatMap((item) => entriesOf(item).map((one) => Date.parse(one.notification.at)));
    const claimed: ClaimedItem[] = [];
    for (const item of items) {
      const one = await this.#claim(item, claim, signal);
      if (one) claimed.push(one);
    }
    return { claimed, ...(times.length > 0 && { oldestAt: Math.min(...times) }) };
  }

  async remove({ resource, sortKey, mark, notifications, rest }: ClaimedItem, signal?: AbortSignal) {
    const names = Object.fromEntries(notifications.map(({ id }, at) => [`#entry${at}`, `${ENTRY}${id}`]));
    const removed = Object.keys(names);
    try {
      if (rest === "none") {
        const isAlone = await this.#removeAttributes(resource, sortKey, names, removed, mark, signal);
        if (isAlone) return;
      }
      if (removed.length > 0)
        await this.#removeAttributes(resource, sortKey, names, removed, undefined, signal);
    } catch (error) {
      throw asFailure(error, "dynamodb:UpdateItem", resource);
    }
  }

  /**
   * Removes the entries; with a mark the item leaves the index too, unless something was added since the mark was read.
   * @returns false when something was added: then nothing was removed
   */
  async #removeAttributes(
    resource: string,
    sortKey: string,
    names: Readonly<Record<string, string>>,
    removed: readonly string[],
    mark: string | undefined,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { partition, sort } = OUTBOX_KEYS;
    const all = mark === undefined ? removed : [...removed, partition, sort];
    const command = new UpdateItemCommand({
      TableName: this.#options.table,
      Key: keyOf(resource, sortKey),
      UpdateExpression: `REMOVE ${all.join(", ")}`,
      ...(removed.length > 0 && { ExpressionAttributeNames: { ...names } }),
      ConditionExpression: mark === undefined ? "attribute_exists(pk)" : `${sort} = :mark`,
      ...(mark !== undefined && { ExpressionAttributeValues: { ":mark": { S: mark } } }),
    });
    try {
      await this.#client.send(command, { abortSignal: signal });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async #itemsWithSomethingWaiting(signal?: AbortSignal): Promise<Item[]> {
    const query = {
      TableName: this.#options.table,
      IndexName: OUTBOX_INDEX,
      KeyConditionExpression: `${OUTBOX_KEYS.partition} = :waiting`,
      ExpressionAttributeValues: { ":waiting": { S: WAITING } },
      Limit: MOST_ITEMS,
    };
    const items: Item[] = [];
    try {
      for await (const page of paginateQuery({ client: this.#client }, query, { abortSignal: signal })) {
        items.push(...(page.Items ?? []));
        if (items.length >= MOST_ITEMS) break;
      }
    } catch (error) {
      throw asFailure(error, "dynamodb:Query", "the outbox");
    }
    return items;
  }

  /** Claims all that waits in one item; nothing while another run may be sending some of it. */
  async #claim(item: Item, { now, until }: Claim, signal?: AbortSignal): Promise<ClaimedItem | undefined> {
    const entries = entriesOf(item);
    const [resource, sortKey] = [item.pk?.S ?? "", item.sk?.S ?? ""];
    const mark = item[OUTBOX_KEYS.sort]?.S ?? "";
    const isUnreadable = entries.length < Object.keys(item).filter((name) => name.startsWith(ENTRY)).length;
    if (isUnreadable && entries.length === 0) return undefined;
    if (entries.some(({ claimedUntil }) => claimedUntil > now)) return undefined;
    const claimed: ClaimedItem = {
      resource,
      sortKey,
      mark,
      notifications: entries.map((one) => one.notification).toSorted(byEvent),
      rest: isUnreadable ? "some" : "none",
    };
    const command = new UpdateItemCommand({
      TableName: this.#options.table,
      Key: keyOf(resource, sortKey),
      UpdateExpression: `SET ${["claims = :claims", ...entries.map((_, at) => `#entry${at} = :entry${at}`)].join(", ")}`,
      ConditionExpression: [
        `${OUTBOX_KEYS.sort} = :mark`,
        "(attribute_not_exists(claims) OR claims = :seen)",
      ].join(" AND "),
      ...(entries.length > 0 && {
        ExpressionAttributeNames: Object.fromEntries(
          entries.map((one, at) => [`#entry${at}`, `${ENTRY}${one.notification.id}`]),
        ),
      }),
      ExpressionAttributeValues: {
        ":mark": { S: mark },
        ":seen": item.claims ?? { N: "0" },
        ":claims": { N: String(Number(item.claims?.N ?? "0") + 1) },
        ...Object.fromEntries(
          entries.map((one, at) => [`:entry${at}`, asAttribute({ ...one, claimedUntil: until })]),
        ),
      },
    });
    try {
      await this.#client.send(command, { abortSignal: signal });
      return claimed;
    } catch (error) {
      // Another run claimed it, sent it, or added to it since.
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw asFailure(error, "dynamodb:UpdateItem", resource);
    }
  }
}

const storedEntry = z.object({ notification, claimedUntil: z.number() });

const keyOf = (resource: string, sortKey: string) => ({ pk: { S: resource }, sk: { S: sortKey } });

const asAttribute = (entry: OutboxEntry): AttributeValue => ({ S: JSON.stringify(entry) });

/** What waits in an item of the ledger. An entry that cannot be read was written by another version, and stays for it. */
export function entriesOf(item: Item): OutboxEntry[] {
  return Object.entries(item).flatMap(([name, value]) => {
    if (!name.startsWith(ENTRY)) return [];
    const parsed = storedEntry.safeParse(parsedJson(value.S));
    return parsed.success ? [parsed.data] : [];
  });
}

/** @param item as it was read; undefined where there is none */
export function incidentRecord(resource: string, item: Item | undefined): IncidentRecord {
  const parsed = incidents.safeParse(parsedJson(item?.body?.S));
  return {
    resource,
    version: Number(item?.version?.N ?? "0"),
    // What another version wrote is learnt anew: an incident that stands begins again.
    incidents: parsed.success ? parsed.data : {},
    waiting: item ? entriesOf(item) : [],
  };
}

function parsedJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}

/** By time, and within one moment by their number in their incident. */
function byEvent(a: Notification, b: Notification): number {
  return (
    a.at.localeCompare(b.at) ||
    (a.incident?.sequence ?? 0) - (b.incident?.sequence ?? 0) ||
    a.id.localeCompare(b.id)
  );
}
