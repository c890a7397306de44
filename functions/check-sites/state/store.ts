import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { asFailure } from "../../../shared/aws/failure.ts";
import { inCalls } from "../../../shared/aws/in-calls.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import { readBody } from "../../../shared/ledger/kept-value.ts";
import { type MonitorState, monitorChange, monitorState } from "./monitor-state.ts";
import { type PastIncidents, pastIncidents } from "./past-incidents.ts";
import { change, type SiteState, siteState } from "./state.ts";
import { stateOf } from "./state-of.ts";

/**
 * What is kept between runs: one item a site, and one for the monitor itself. A state and the notification
 * that follows from it are written in one conditional write, so either both are there or neither is. The
 * notification stays in the item's outbox until it was sent.
 */
export interface Store {
  /** The items of the named sites; a site without one is not in the map. */
  read(
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, StoredItem<SiteState, OutboxEntry>>>;
  readMonitor(signal: AbortSignal): Promise<StoredItem<MonitorState, MonitorEntry> | undefined>;
  /** False when another run has written since `item.version` was read: then nothing of this run counts. */
  write(name: string, item: ItemWrite<SiteState, OutboxEntry>, signal: AbortSignal): Promise<boolean>;
  writeMonitor(item: ItemWrite<MonitorState, MonitorEntry>, signal: AbortSignal): Promise<boolean>;
  readIncidents(signal: AbortSignal): Promise<StoredItem<PastIncidents, never> | undefined>;
  writeIncidents(item: ItemWrite<PastIncidents, never>, at: number, signal: AbortSignal): Promise<boolean>;
  /** Takes a notification that was sent out of a site's outbox (or the monitor's, without a name). */
  sent(name: string | undefined, id: string, signal: AbortSignal): Promise<void>;
}

export interface StoredItem<State, Entry> {
  /** Rises with every write. */
  readonly version: number;
  /** Absent when what is kept cannot be read (another version of the function wrote it): then it is learnt anew. */
  readonly state: State | undefined;
  readonly outbox: Outbox<Entry>;
}

/** An item as it is to be, and the version it was read with; 0 for an item that is not there yet. */
export interface ItemWrite<State, Entry> {
  readonly version: number;
  readonly state: State;
  readonly outbox: Outbox<Entry>;
}

/** By the notification's id. */
export type Outbox<Entry> = Readonly<Record<string, Entry>>;

/** Until when the run that took the entry may be sending it, ms since the epoch. */
const claim = { claimedUntil: z.number() };
const outboxEntry = z.object({ ...claim, change });
export type OutboxEntry = z.output<typeof outboxEntry>;
const monitorEntry = z.object({ ...claim, change: monitorChange });
export type MonitorEntry = z.output<typeof monitorEntry>;

type Item = Record<string, AttributeValue>;

const MONITOR = "monitor";
const INCIDENTS = "incidents";
/** DynamoDB takes so many keys in one BatchGetItem. */
const BATCH = 100;
/** An item of a site that is not in the config any more goes after so long: longer than its history. */
const KEEP_MS = 100 * 86_400_000;
/** BatchGetItem may leave keys out when it is throttled; so often they are asked for again. */
const ROUNDS = 5;

export function createStore(client: DynamoDBClient, table: string): Store {
  return new DynamoStore(client, table);
}

class DynamoStore implements Store {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async read(names: readonly string[], signal: AbortSignal) {
    const batches = inCalls(names.map(siteKey), BATCH);
    try {
      const items = (await Promise.all(batches.map((keys) => this.#readItems(keys, signal)))).flat();
      return new Map(
        items.map((item) => [
          (item.pk?.S ?? "").slice("site/".length),
          storedItem(item, siteState, outboxEntry),
        ]),
      );
    } catch (error) {
      throw asFailure(error, "dynamodb:BatchGetItem", "the sites' states");
    }
  }

  async readMonitor(signal: AbortSignal) {
    try {
      const [item] = await this.#readItems([MONITOR], signal);
      return item && storedItem(item, monitorState, monitorEntry);
    } catch (error) {
      throw asFailure(error, "dynamodb:BatchGetItem", "the monitor's state");
    }
  }

  write(name: string, item: ItemWrite<SiteState, OutboxEntry>, signal: AbortSignal) {
    const { tick } = item.state;
    // What a person looks for in the table, and `reflex status`, stands beside the body.
    const publicColumns = {
      state: { S: stateOf(item.state) ?? "PENDING" },
      checkedAt: { S: new Date(tick).toISOString() },
    };
    return this.#writeItem({ pk: siteKey(name), at: tick, publicColumns, ...item }, signal);
  }

  writeMonitor(item: ItemWrite<MonitorState, MonitorEntry>, signal: AbortSignal) {
    const at = Math.max(0, ...Object.values(item.state.suspectedBy), item.state.since ?? 0);
    return this.#writeItem({ pk: MONITOR, at, publicColumns: {}, ...item }, signal);
  }

  async readIncidents(signal: AbortSignal) {
    try {
      const [item] = await this.#readItems([INCIDENTS], signal);
      return item && storedItem(item, pastIncidents, z.never());
    } catch (error) {
      throw asFailure(error, "dynamodb:BatchGetItem", "the past incidents");
    }
  }

  writeIncidents(item: ItemWrite<PastIncidents, never>, at: number, signal: AbortSignal) {
    return this.#writeItem({ pk: INCIDENTS, at, publicColumns: {}, ...item }, signal);
  }

  async sent(name: string | undefined, id: string, signal: AbortSignal) {
    const pk = name === undefined ? MONITOR : siteKey(name);
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { pk: { S: pk } },
          // The version rises, so that a run that read the item before does not put the entry back.
          UpdateExpression: "SET version = version + :one REMOVE outbox.#id",
          ConditionExpression: "attribute_exists(outbox.#id)",
          ExpressionAttributeNames: { "#id": id },
          ExpressionAttributeValues: { ":one": { N: "1" } },
        }),
        { abortSignal: signal },
      );
    } catch (error) {
      // It is out already.
      if (error instanceof ConditionalCheckFailedException) return;
      throw asFailure(error, "dynamodb:UpdateItem", pk);
    }
  }

  async #readItems(keys: readonly string[], signal: AbortSignal): Promise<Item[]> {
    const items: Item[] = [];
    let open = [...keys];
    for (let round = 0; open.length > 0; round++) {
      if (round === ROUNDS) {
        throw new RetryLater(
          `DynamoDB left out ${open.length} of ${keys.length} sites in ${ROUNDS} requests: no site was checked`,
          { call: "dynamodb:BatchGetItem" },
        );
      }
      const request = { Keys: open.map((pk) => ({ pk: { S: pk } })), ConsistentRead: true };
      const command = new BatchGetItemCommand({ RequestItems: { [this.#table]: request } });
      const answer = await this.#client.send(command, { abortSignal: signal });
      items.push(...(answer.Responses?.[this.#table] ?? []));
      const unprocessed = answer.UnprocessedKeys?.[this.#table]?.Keys ?? [];
      open = unprocessed.flatMap(({ pk }) => (pk?.S === undefined ? [] : [pk.S]));
    }
    return items;
  }

  async #writeItem(write: Write, signal: AbortSignal): Promise<boolean> {
    const { pk, version, at, publicColumns, state, outbox } = write;
    const entries = Object.entries(outbox).map(([id, entry]) => [id, { S: JSON.stringify(entry) }]);
    const attributes: Item = {
      ...publicColumns,
      body: { S: JSON.stringify(state) },
      outbox: { M: Object.fromEntries(entries) },
      expiresAt: { N: String(Math.ceil((at + KEEP_MS) / 1000)) },
    };
    const names = Object.keys(attributes);
    const values = Object.entries(attributes).map(([name, value]) => [`:${name}`, value]);
    try {
      await this.#client.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: { pk: { S: pk } },
          UpdateExpression: `SET version = :next, ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
          ConditionExpression: version === 0 ? "attribute_not_exists(version)" : "version = :version",
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(values),
            ":next": { N: String(version + 1) },
            ...(version > 0 && { ":version": { N: String(version) } }),
          },
        }),
        { abortSignal: signal },
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw asFailure(error, "dynamodb:UpdateItem", pk);
    }
  }
}

/** One write as DynamoDB is asked for it. */
interface Write extends ItemWrite<object, object> {
  readonly pk: string;
  /** ms since the epoch: it counts from here how long the item is kept. */
  readonly at: number;
  /** Attributes beside the body, for whoever looks into the table. */
  readonly publicColumns: Item;
}

function siteKey(name: string): string {
  return `site/${name}`;
}

/** One item that cannot be read must not end the run for every site. */
function storedItem<S extends z.ZodMiniType, E extends z.ZodMiniType>(
  item: Item,
  stateSchema: S,
  entrySchema: E,
): StoredItem<z.output<S>, z.output<E>> {
  const entries = Object.entries(item.outbox?.M ?? {}).flatMap(([id, { S }]) => {
    const entry = readBody(entrySchema, S);
    return entry === undefined ? [] : [[id, entry] as const];
  });
  return {
    version: Number(item.version?.N ?? 0),
    state: readBody(stateSchema, item.body?.S),
    outbox: Object.fromEntries(entries),
  };
}
