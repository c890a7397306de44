import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from "@aws-sdk/client-dynamodb";
import { asFailure } from "../aws/failure.ts";
import { RetryLater } from "../lambda/errors.ts";
import type { Entry, History, Intent, KeptDecision, Outcome } from "./entry.ts";
import { type Lease, LedgerHead, overtaken, unlessConditional } from "./head.ts";
import { decisionItems, entryItem, entryKey, entryKeyAt, profileItem, readHistory } from "./items.ts";
import type { ClaimedItem } from "./outbox.ts";
import type { OutboxEntry } from "./outbox-item.ts";
import { PAUSES_KEY, Paused, type Pauses, pausesOf, standingPause } from "./pauses.ts";

export interface Recovered {
  readonly history: History;
  /** What was written with the outcome, for this run to send. */
  readonly claimed?: ClaimedItem;
}

/**
 * What was done to each resource, and who may act on it now. One table; for each resource a head item (the
 * version, the lease, the intent in doubt, the last changes) and one item an entry.
 */
export interface Ledger {
  /** The head and the entries since `since` (ms since the epoch), newest first, in one query. */
  history(resource: string, since: number, signal?: AbortSignal): Promise<History>;
  /**
   * Takes the lease and writes the intent, in one conditional write, where no pause stands. Throws `RetryLater` when
   * another run holds the lease, has acted since `seen` was read, or left an intent that is not recovered yet, and
   * `Paused` while a person has paused it: then nothing may be done.
   */
  begin(seen: History, intent: Intent, holder: string, signal?: AbortSignal): Promise<Lease>;
  /**
   * Writes the entry with its outcome, then gives the lease back. When the lease ran out and another run
   * recovered the intent meanwhile, the entry becomes what this run knows, and the rest stays as it is.
   *
   * @param outgoing goes into the outbox with the outcome
   * @returns what this run has to send, when it was written
   */
  finish(
    lease: Lease,
    outcome: Outcome,
    signal?: AbortSignal,
    outgoing?: OutboxEntry,
  ): Promise<ClaimedItem | undefined>;
  /**
   * Writes the outcome of an intent whose run died, as the resource shows it; an outcome that run wrote itself
   * stands. Only after its lease ran out (`outcome.at`).
   *
   * @param outgoing what goes into the outbox for the entry as it was recovered: the dead run notified nobody of it
   */
  recover(
    seen: History,
    outcome: Outcome,
    signal?: AbortSignal,
    outgoing?: (entry: Entry) => OutboxEntry | undefined,
  ): Promise<Recovered>;
  /** Every pause of the stage, also those that are over. */
  pauses(signal?: AbortSignal): Promise<Pauses>;
  /** Keeps a decision: as the last one, and in the row of all that were kept. */
  keepDecision(resource: string, decision: KeptDecision, signal?: AbortSignal): Promise<void>;
  /** Notes that the resource was seen in the middle of a change, whoever began it; `at` in ms since the epoch. */
  noteChanging(resource: string, at: number, signal?: AbortSignal): Promise<void>;
  /** Keeps the profile, as the next history has it; `at` in ms since the epoch. */
  keepProfile(resource: string, profile: string, at: number, signal?: AbortSignal): Promise<void>;
}

export interface LedgerOptions {
  readonly table: string;
  /** How long a run may hold a lease: longer than the function's time-out, so that only a dead run's expires. */
  readonly leaseMs: number;
  /** How long an entry is kept, by the table's TTL. */
  readonly keepMs: number;
  /** Only a person's own command acts in spite of a pause. */
  readonly pauses?: "ignored";
}

export function createLedger(client: DynamoDBClient, options: LedgerOptions): Ledger {
  return new DynamoLedger(client, options);
}

class DynamoLedger implements Ledger {
  readonly #client: DynamoDBClient;
  readonly #options: LedgerOptions;
  readonly #head: LedgerHead;

  constructor(client: DynamoDBClient, options: LedgerOptions) {
    this.#client = client;
    this.#head = new LedgerHead(client, options.table);
    this.#options = options;
  }

  async history(resource: string, since: number, signal?: AbortSignal): Promise<History> {
    const query = {
      TableName: this.#options.table,
      KeyConditionExpression: "pk = :pk AND sk >= :since",
      ExpressionAttributeValues: { ":pk": { S: resource }, ":since": { S: entryKeyAt(since) } },
      // The head's key sorts after every entry's: read backwards it comes first, then the newest entry.
      ScanIndexForward: false,
      ConsistentRead: true,
    };
    const items = [];
    try {
      for await (const page of paginateQuery({ client: this.#client }, query, { abortSignal: signal })) {
        items.push(...(page.Items ?? []));
      }
    } catch (error) {
      throw asFailure(error, "dynamodb:Query", resource);
    }
    return readHistory(resource, items);
  }

  async begin(seen: History, intent: Intent, holder: string, signal?: AbortSignal): Promise<Lease> {
    const { resource, version } = seen;
    const lease: Lease = { resource, holder, version, intent, outbox: seen.outbox };
    // Side by side, so that no act waits longer; a lease that a pause forbids is given back.
    const [taken, asked] = await Promise.allSettled([
      this.#head.take(lease, this.#options.leaseMs, signal),
      this.#refuseWhilePaused(lease, signal),
    ]);
    if (taken.status === "rejected") throw taken.reason;
    if (asked.status === "fulfilled") return lease;
    await this.#head.giveBack(lease, signal);
    throw asked.reason;
  }

  /** A pause must not be missed: it is read at that moment, not kept from an earlier one. */
  async #refuseWhilePaused(
    { resource, intent: { automation, at } }: Lease,
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.#options.pauses === "ignored") return;
    const standing = standingPause(await this.pauses(signal), { automation, resource }, at);
    if (standing) throw new Paused(standing, resource);
  }

  async finish(
    { resource, holder, intent, outbox }: Lease,
    outcome: Outcome,
    signal?: AbortSignal,
    outgoing?: OutboxEntry,
  ): Promise<ClaimedItem | undefined> {
    try {
      await this.#writeEntry(resource, intent, outcome, signal);
      const ours = { expression: "leaseHolder = :me", values: { ":me": { S: holder } } };
      const entry = { intent, outcome };
      return await this.#head.close(resource, { entry, outgoing, outbox }, ours, signal);
    } catch (error) {
      // The lease is not ours any more: recovered by another run, or closed by our own first attempt whose
      // answer was lost. The entry is written; there is nothing left to give back.
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  async recover(
    seen: History,
    outcome: Outcome,
    signal?: AbortSignal,
    outgoing?: (entry: Entry) => OutboxEntry | undefined,
  ): Promise<Recovered> {
    const { resource, pending, leasedUntil = 0 } = seen;
    if (!pending) return { history: seen };
    if (leasedUntil > outcome.at) {
      throw new RetryLater(
        `the run that is acting on ${resource} may still be at work: it is not recovered`,
        { resource },
      );
    }
    const unchanged = {
      expression: "version = :version",
      values: { ":version": { N: String(seen.version) } },
    };
    try {
      const entry = await this.#recoverEntry(seen.entries, { intent: pending, outcome }, resource, signal);
      const close = { entry, outgoing: outgoing?.(entry), outbox: seen.outbox };
      const claimed = await this.#head.close(resource, close, unchanged, signal);
      return { history: afterRecovery(seen, pending, entry.outcome), ...(claimed && { claimed }) };
    } catch (error) {
      throw overtaken(
        error,
        resource,
        `another run has recovered ${resource} meanwhile; the next one looks again`,
      );
    }
  }

  async pauses(signal?: AbortSignal): Promise<Pauses> {
    const get = new GetItemCommand({
      TableName: this.#options.table,
      Key: { ...PAUSES_KEY },
      ConsistentRead: true,
    });
    try {
      return pausesOf((await this.#client.send(get, { abortSignal: signal })).Item);
    } catch (error) {
      throw asFailure(error, "dynamodb:GetItem", "pauses");
    }
  }

  async keepDecision(resource: string, decision: KeptDecision, signal?: AbortSignal): Promise<void> {
    // The row first: a run that dies in between leaves the last one as it was, and the next look writes both.
    for (const item of decisionItems(resource, decision, this.#options.keepMs)) {
      await this.#put(item, resource, signal);
    }
  }

  async keepProfile(resource: string, profile: string, at: number, signal?: AbortSignal): Promise<void> {
    await this.#put(profileItem(resource, profile, at + this.#options.keepMs), resource, signal);
  }

  async #put(Item: ReturnType<typeof profileItem>, resource: string, signal?: AbortSignal): Promise<void> {
    const put = new PutItemCommand({ TableName: this.#options.table, Item });
    try {
      await this.#client.send(put, { abortSignal: signal });
    } catch (error) {
      throw asFailure(error, "dynamodb:PutItem", resource);
    }
  }

  noteChanging(resource: string, at: number, signal?: AbortSignal): Promise<void> {
    return this.#head.noteChanging(resource, at, signal);
  }

  /**
   * The entry as the dead run wrote it, also one that is older than what was read of the history; otherwise `found`, which
   * is written.
   */
  async #recoverEntry(
    known: readonly Entry[],
    found: Entry,
    resource: string,
    signal?: AbortSignal,
  ): Promise<Entry> {
    const written = known.find(({ intent }) => intent.id === found.intent.id);
    if (written) return written;
    try {
      await this.#writeEntry(resource, found.intent, found.outcome, signal, "attribute_not_exists(pk)");
      return found;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      const entry = await this.#writtenEntry(resource, found.intent, signal);
      if (!entry) throw error;
      return entry;
    }
  }

  async #writtenEntry(resource: string, intent: Intent, signal?: AbortSignal): Promise<Entry | undefined> {
    const get = new GetItemCommand({
      TableName: this.#options.table,
      Key: entryKey(resource, intent),
      ConsistentRead: true,
    });
    try {
      const { Item } = await this.#client.send(get, { abortSignal: signal });
      return Item && readHistory(resource, [Item]).entries[0];
    } catch (error) {
      throw asFailure(error, "dynamodb:GetItem", resource);
    }
  }

  async #writeEntry(
    resource: string,
    intent: Intent,
    outcome: Outcome,
    signal?: AbortSignal,
    ConditionExpression?: string,
  ): Promise<void> {
    const { table, keepMs } = this.#options;
    const Item = entryItem(resource, { intent, outcome }, keepMs);
    const put = new PutItemCommand({ TableName: table, Item, ConditionExpression });
    try {
      await this.#client.send(put, { abortSignal: signal });
    } catch (error) {
      throw unlessConditional(error, "dynamodb:PutItem", resource);
    }
  }
}

/** The history as it reads after `recover`, without reading it again. */
function afterRecovery(seen: History, pending: Intent, outcome: Outcome): History {
  const { pending: _recovered, leasedUntil: _expired, ...rest } = seen;
  const moved = outcome.result === "applied";
  return {
    ...rest,
    version: seen.version + 1,
    entries: [{ intent: pending, outcome }, ...seen.entries.filter(({ intent }) => intent.id !== pending.id)],
    ...(moved && pending.direction === "out" && { lastScaleOut: pending.at }),
    ...(moved && pending.direction === "in" && { lastScaleIn: pending.at }),
  };
}
