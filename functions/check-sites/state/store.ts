import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { asFailure } from "../../../shared/aws/failure.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import { type MonitorState, monitorChange, monitorState } from "./monitor-state.ts";
import { change, type SiteState, siteState } from "./state.ts";

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
  /** False when another run has written since `version` was read: then nothing of this run counts. */
  write(
    name: string,
    version: number,
    state: SiteState,
    outbox: Outbox<OutboxEntry>,
    signal: AbortSignal,
  ): Promise<boolean>;
  writeMonitor(
    version: number,
    state: MonitorState,
    outbox: Outbox<MonitorEntry>,
    signal: AbortSignal,
  ): Promise<boolean>;
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
/** DynamoDB takes so many keys in one BatchGetItem. */
const BATCH = 100;
/** An item of a site that is not in the config any more goes after so long: longer than its history. */
const KEEP_MS = 100 * 86_400_000;
/** BatchGetItem may leave keys out when it is throttled; so often they are asked for again. */
const ROUNDS = 5;

export function createStore(client: DynamoDBClient, table: string): Store {
  const readItems = async (keys: readonly string[], signal: AbortSignal): Promise<Item[]> => {
    const items: Item[] = [];
    let open = [...keys];
    for (let round = 0; open.length > 0; round++) {
      if (round === ROUNDS) {
        throw new RetryLater(
          `DynamoDB left out ${open.length} of ${keys.length} sites, ${ROUNDS} times over: no site was checked`,
          {
            call: "dynamodb:BatchGetItem",
          },
        );
      }
      const request = { Keys: open.map((pk) => ({ pk: { S: pk } })), ConsistentRead: true };
      const answer = await client.send(new BatchGetItemCommand({ RequestItems: { [table]: request } }), {
        abortSignal: signal,
      });
      items.push(...(answer.Responses?.[table] ?? []));
      open = (answer.UnprocessedKeys?.[table]?.Keys ?? []).flatMap(({ pk }) =>
        pk?.S === undefined ? [] : [pk.S],
      );
    }
    return items;
  };

  const writeItem = async (
    pk: string,
    version: number,
    body: object,
    outbox: Outbox<object>,
    at: number,
    shown: Item,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const entries = Object.entries(outbox).map(([id, entry]) => [id, { S: JSON.stringify(entry) }]);
    const attributes: Item = {
      ...shown,
      body: { S: JSON.stringify(body) },
      outbox: { M: Object.fromEntries(entries) },
      expiresAt: { N: String(Math.ceil((at + KEEP_MS) / 1000)) },
    };
    const names = Object.keys(attributes);
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { pk: { S: pk } },
          UpdateExpression: `SET version = :next, ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
          ConditionExpression: version === 0 ? "attribute_not_exists(version)" : "version = :version",
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(names.map((name) => [`:${name}`, attributes[name] ?? { NULL: true }])),
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
  };

  return {
    async read(names, signal) {
      const found = new Map<string, StoredItem<SiteState, OutboxEntry>>();
      const batches = Array.from({ length: Math.ceil(names.length / BATCH) }, (_, index) =>
        names.slice(index * BATCH, (index + 1) * BATCH).map(siteKey),
      );
      try {
        for (const items of await Promise.all(batches.map((keys) => readItems(keys, signal)))) {
          for (const item of items) {
            found.set((item.pk?.S ?? "").slice("site/".length), kept(item, siteState, outboxEntry));
          }
        }
      } catch (error) {
        throw asFailure(error, "dynamodb:BatchGetItem", "the sites' states");
      }
      return found;
    },

    async readMonitor(signal) {
      try {
        const [item] = await readItems([MONITOR], signal);
        return item && kept(item, monitorState, monitorEntry);
      } catch (error) {
        throw asFailure(error, "dynamodb:BatchGetItem", "the monitor's state");
      }
    },

    write(name, version, state, outbox, signal) {
      // What a person looks for in the table stands beside the body.
      const shown = {
        level: { S: state.level ?? "none" },
        checkedAt: { S: new Date(state.tick).toISOString() },
      };
      return writeItem(siteKey(name), version, state, outbox, state.tick, shown, signal);
    },

    writeMonitor(version, state, outbox, signal) {
      const at = Math.max(0, ...Object.values(state.suspectedBy), state.since ?? 0);
      return writeItem(MONITOR, version, state, outbox, at, {}, signal);
    },

    async sent(name, id, signal) {
      const pk = name === undefined ? MONITOR : siteKey(name);
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
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
    },
  };
}

function siteKey(name: string): string {
  return `site/${name}`;
}

function kept<S extends z.ZodMiniType, E extends z.ZodMiniType>(
  item: Item,
  stateSchema: S,
  entrySchema: E,
): StoredItem<z.output<S>, z.output<E>> {
  const entries = Object.entries(item.outbox?.M ?? {}).flatMap(([id, { S }]) => {
    const entry = parsed(S, entrySchema);
    return entry === undefined ? [] : [[id, entry] as const];
  });
  return {
    version: Number(item.version?.N ?? 0),
    state: parsed(item.body?.S, stateSchema),
    outbox: Object.fromEntries(entries),
  };
}

/** One item that cannot be read must not end the run for every site. */
function parsed<T extends z.ZodMiniType>(text: string | undefined, schema: T): z.output<T> | undefined {
  try {
    return schema.parse(JSON.parse(text ?? "null"));
  } catch {
    return undefined;
  }
}
