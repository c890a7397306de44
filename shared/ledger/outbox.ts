import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { asFailure } from "../aws/failure.ts";
import type { Incidents } from "../incidents/incident.ts";
import type { Notification } from "../notify/notification.ts";
import { type Claim, type Claimed, claimEntries, type Waiting } from "./claim.ts";
import { OUTBOX_INDEX, OUTBOX_KEYS } from "./outbox-index.ts";
import {
  asAttribute,
  byEvent,
  entriesOf,
  entryName,
  hasUnreadable,
  INCIDENTS_KEY,
  type IncidentRecord,
  incidentRecord,
  itemKey,
  type OutboxEntry,
  type OutboxUpdate,
  outboxUpdate,
  WAITING,
} from "./outbox-item.ts";

/**
 * Notifications wait in the item they came with: the head of a resource (a change with its outcome) or its incidents.
 * They are written in the one conditional write that makes them true, sent afterwards, and then removed. What a dead run
 * left is found by an index that holds only the items with something waiting.
 */

/** So many items are read of the index in one run: the rest waits for the next. */
const MOST_ITEMS = 50;

type Item = Record<string, AttributeValue>;

/** Notifications of one item that this run, and no other, may send now; in the order of their events. */
export interface ClaimedItem {
  readonly resource: string;
  readonly sortKey: string;
  readonly mark: string;
  readonly notifications: readonly Notification[];
  /** Whether the item has other notifications, which this run may not send. */
  readonly rest: "none" | "some";
}

/** What waits in all of the service. */
export interface WaitingItems {
  readonly claimed: readonly ClaimedItem[];
  /** When the oldest of all that waits was written, ms since the epoch. */
  readonly oldestAt?: number;
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
  claimWaiting(claim: Claim, signal?: AbortSignal): Promise<WaitingItems>;
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

class DynamoOutbox implements Outbox {
  readonly #client: DynamoDBClient;
  readonly #options: OutboxOptions;

  constructor(client: DynamoDBClient, options: OutboxOptions) {
    this.#client = client;
    this.#options = options;
  }

  async incidents(resource: string, signal?: AbortSignal): Promise<IncidentRecord> {
    const Key = itemKey(resource, INCIDENTS_KEY);
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
    const { resource } = before;
    const claimed = claimEntries(before.waiting.map(asWaiting), notifications, claim, byEvent);
    const { written, claimedUntil } = claimed;
    const update = outboxUpdate(
      written.map((one) => ({ notification: one, claimedUntil })),
      claim.now,
    );
    const command = this.#incidentsUpdate(before, after, update, claim.now);
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
      notifications: claimed.sendable,
      rest: claimed.state === "held" ? "some" : "none",
    };
  }

  #incidentsUpdate(
    { resource, version }: IncidentRecord,
    after: Incidents,
    { set, names, values }: OutboxUpdate,
    now: number,
  ): UpdateItemCommand {
    return new UpdateItemCommand({
      TableName: this.#options.table,
      Key: itemKey(resource, INCIDENTS_KEY),
      UpdateExpression: `SET ${["version = :next", "body = :body", "expiresAt = :expires", ...set].join(", ")}`,
      ConditionExpression: version === 0 ? "attribute_not_exists(version)" : "version = :version",
      ...(set.length > 0 && { ExpressionAttributeNames: { ...names } }),
      ExpressionAttributeValues: {
        ...values,
        ...(version > 0 && { ":version": { N: String(version) } }),
        ":next": { N: String(version + 1) },
        ":body": { S: JSON.stringify(after) },
        ":expires": { N: String(Math.ceil((now + this.#options.keepMs) / 1000)) },
      },
    });
  }

  async claimWaiting(claim: Claim, signal?: AbortSignal): Promise<WaitingItems> {
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
    const names = Object.fromEntries(notifications.map(({ id }, at) => [`#entry${at}`, entryName(id)]));
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
      Key: itemKey(resource, sortKey),
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
  async #claim(item: Item, claim: Claim, signal?: AbortSignal): Promise<ClaimedItem | undefined> {
    const unreadable = hasUnreadable(item);
    const claimed = claimEntries(entriesOf(item).map(asWaiting), [], claim, byEvent);
    if (claimed.state === "held" || (unreadable && claimed.written.length === 0)) return undefined;
    const [resource, sortKey, mark] = [textOf(item.pk), textOf(item.sk), textOf(item[OUTBOX_KEYS.sort])];
    const command = this.#claimUpdate({ resource, sortKey, mark }, item.claims, claimed);
    try {
      await this.#client.send(command, { abortSignal: signal });
    } catch (error) {
      // Another run claimed it, sent it, or added to it since.
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw asFailure(error, "dynamodb:UpdateItem", resource);
    }
    return {
      resource,
      sortKey,
      mark,
      notifications: claimed.sendable,
      rest: unreadable ? "some" : "none",
    };
  }

  /** Only while nothing was added to the item, and no other run has claimed it, since it was read. */
  #claimUpdate(
    { resource, sortKey, mark }: Pick<ClaimedItem, "resource" | "sortKey" | "mark">,
    claims: AttributeValue | undefined,
    { written, claimedUntil }: Claimed<Notification>,
  ): UpdateItemCommand {
    const entries = written.map((one, at) => ({
      name: [`#entry${at}`, entryName(one.id)] as const,
      value: [`:entry${at}`, asAttribute({ notification: one, claimedUntil })] as const,
    }));
    const sets = entries.map(({ name: [name], value: [value] }) => `${name} = ${value}`);
    return new UpdateItemCommand({
      TableName: this.#options.table,
      Key: itemKey(resource, sortKey),
      UpdateExpression: `SET ${["claims = :claims", ...sets].join(", ")}`,
      ConditionExpression: `${OUTBOX_KEYS.sort} = :mark AND (attribute_not_exists(claims) OR claims = :seen)`,
      ...(entries.length > 0 && {
        ExpressionAttributeNames: Object.fromEntries(entries.map(({ name }) => name)),
      }),
      ExpressionAttributeValues: {
        ":mark": { S: mark },
        ":seen": claims ?? { N: "0" },
        ":claims": { N: String(Number(claims?.N ?? "0") + 1) },
        ...Object.fromEntries(entries.map(({ value }) => value)),
      },
    });
  }
}

const asWaiting = ({ notification, claimedUntil }: OutboxEntry): Waiting<Notification> => ({
  message: notification,
  claimedUntil,
});

/** A key's text: an item of the index has all of them. */
const textOf = (key: AttributeValue | undefined): string => key?.S ?? "";
