import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { asFailure } from "../aws/failure.ts";
import { RetryLater } from "../lambda/errors.ts";
import type { History, Intent, Outcome } from "./entry.ts";
import { entryItem, entryKeyAt, HEAD, readHistory } from "./items.ts";

/** A right to act on one resource, until it expires. */
export interface Lease {
  readonly resource: string;
  readonly holder: string;
  readonly version: number;
  readonly intent: Intent;
}

/**
 * What was done to each resource, and who may act on it now. One table; for each resource a head item (the
 * version, the lease, the pending intent, the last changes, what was told) and one item an entry.
 */
export interface Ledger {
  /** The head and the entries since `since` (ms since the epoch), newest first, in one query. */
  history(resource: string, since: number, signal?: AbortSignal): Promise<History>;
  /**
   * Takes the lease and writes the intent, in one conditional write. Throws `RetryLater` when another run
   * holds the lease, has acted since `seen` was read, or left an intent that is not settled yet: then nothing
   * may be done.
   */
  begin(seen: History, intent: Intent, holder: string, signal?: AbortSignal): Promise<Lease>;
  /**
   * Writes the entry with its outcome, then gives the lease back. When the lease ran out and another run
   * settled the intent meanwhile, the entry becomes what this run knows, and the rest stays as it is.
   */
  finish(lease: Lease, outcome: Outcome, signal?: AbortSignal): Promise<void>;
  /**
   * Writes the outcome of an intent whose run died, as the resource shows it; an outcome that run wrote itself
   * stands. Only after its lease ran out (`outcome.at`). Returns the new history.
   */
  settle(seen: History, outcome: Outcome, signal?: AbortSignal): Promise<History>;
  /**
   * True for exactly one caller for each `fingerprint` of `subject`, and again after `againAfterMs`: so that
   * something that stays true is told once, and not every minute.
   */
  claimTelling(
    resource: string,
    telling: { subject: string; fingerprint: string; now: number; againAfterMs: number },
    signal?: AbortSignal,
  ): Promise<boolean>;
}

export interface LedgerOptions {
  readonly table: string;
  /** How long a run may hold a lease: longer than the function's time-out, so that only a dead run's expires. */
  readonly leaseMs: number;
  /** How long an entry is kept, by the table's TTL. */
  readonly keepMs: number;
}

export function createLedger(client: DynamoDBClient, { table, leaseMs, keepMs }: LedgerOptions): Ledger {
  const writeEntry = async (
    resource: string,
    intent: Intent,
    outcome: Outcome,
    signal?: AbortSignal,
    ConditionExpression?: string,
  ) => {
    const Item = entryItem(resource, { intent, outcome }, keepMs);
    await client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression }), {
      abortSignal: signal,
    });
  };

  /** Closes the pending intent on the head; only while `condition` holds. */
  const closeHead = async (
    resource: string,
    intent: Intent,
    outcome: Outcome,
    condition: { expression: string; values: Record<string, AttributeValue> },
    signal?: AbortSignal,
  ) => {
    const last = intent.direction === "out" ? "lastScaleOut" : "lastScaleIn";
    const moved = outcome.result === "applied" && intent.direction !== "none";
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: resource }, sk: { S: HEAD } },
        UpdateExpression: `SET version = version + :one${moved ? `, ${last} = :at` : ""} REMOVE leaseHolder, leasedUntil, pending`,
        ConditionExpression: condition.expression,
        ExpressionAttributeValues: {
          ...condition.values,
          ":one": { N: "1" },
          ...(moved && { ":at": { N: String(intent.at) } }),
        },
      }),
      { abortSignal: signal },
    );
  };

  return {
    async history(resource, since, signal) {
      const items = [];
      try {
        for await (const page of paginateQuery(
          { client },
          {
            TableName: table,
            KeyConditionExpression: "pk = :pk AND sk >= :since",
            ExpressionAttributeValues: { ":pk": { S: resource }, ":since": { S: entryKeyAt(since) } },
            // The head's key sorts after every entry's: read backwards it comes first, then the newest entry.
            ScanIndexForward: false,
            ConsistentRead: true,
          },
          { abortSignal: signal },
        )) {
          items.push(...(page.Items ?? []));
        }
      } catch (error) {
        throw asFailure(error, "dynamodb:Query", resource);
      }
      return readHistory(resource, items);
    },

    async begin(seen, intent, holder, signal) {
      const { resource, version } = seen;
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { pk: { S: resource }, sk: { S: HEAD } },
            UpdateExpression:
              "SET version = :version, leaseHolder = :me, leasedUntil = :until, pending = :intent",
            // The holder's own second attempt, when the answer to the first one was lost, is let through.
            ConditionExpression:
              "(attribute_not_exists(version) OR version = :version) AND (attribute_not_exists(pending) OR leaseHolder = :me)",
            ExpressionAttributeValues: {
              ":version": { N: String(version) },
              ":me": { S: holder },
              ":until": { N: String(intent.at + leaseMs) },
              ":intent": { S: JSON.stringify(intent) },
            },
          }),
          { abortSignal: signal },
        );
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          throw new RetryLater(
            `another run is acting on ${resource}, or acted since this one looked: nothing was changed by this run; the next one looks again`,
            { resource, call: "dynamodb:UpdateItem", cause: error },
          );
        }
        throw asFailure(error, "dynamodb:UpdateItem", resource);
      }
      return { resource, holder, version, intent };
    },

    async finish({ resource, holder, intent }, outcome, signal) {
      try {
        await writeEntry(resource, intent, outcome, signal);
        await closeHead(
          resource,
          intent,
          outcome,
          { expression: "leaseHolder = :me", values: { ":me": { S: holder } } },
          signal,
        );
      } catch (error) {
        // The lease is not ours any more: settled by another run, or closed by our own first attempt whose
        // answer was lost. The entry is written; there is nothing left to give back.
        if (error instanceof ConditionalCheckFailedException) return;
        throw asFailure(error, "dynamodb:PutItem", resource);
      }
    },

    async settle(seen, outcome, signal) {
      const { resource, pending, leasedUntil = 0 } = seen;
      if (!pending) return seen;
      if (leasedUntil > outcome.at) {
        throw new RetryLater(
          `the run that is acting on ${resource} may still be at work: it is not settled`,
          { resource },
        );
      }
      const written = seen.entries.find(({ intent }) => intent.id === pending.id)?.outcome;
      const settled = written ?? outcome;
      try {
        if (!written) await writeEntry(resource, pending, settled, signal, "attribute_not_exists(pk)");
        await closeHead(
          resource,
          pending,
          settled,
          { expression: "version = :version", values: { ":version": { N: String(seen.version) } } },
          signal,
        );
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          throw new RetryLater(`another run has settled ${resource} meanwhile; the next one looks again`, {
            resource,
            call: "dynamodb:UpdateItem",
            cause: error,
          });
        }
        throw asFailure(error, "dynamodb:PutItem", resource);
      }
      return afterSettling(seen, pending, settled);
    },

    async claimTelling(resource, { subject, fingerprint, now, againAfterMs }, signal) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { pk: { S: resource }, sk: { S: `told#${subject}` } },
            UpdateExpression: "SET fingerprint = :fingerprint, toldAt = :now, expiresAt = :expires",
            ConditionExpression:
              "attribute_not_exists(fingerprint) OR fingerprint <> :fingerprint OR toldAt <= :before",
            ExpressionAttributeValues: {
              ":fingerprint": { S: fingerprint },
              ":now": { N: String(now) },
              ":before": { N: String(now - againAfterMs) },
              ":expires": { N: String(Math.ceil((now + keepMs) / 1000)) },
            },
          }),
          { abortSignal: signal },
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw asFailure(error, "dynamodb:UpdateItem", resource);
      }
    },
  };
}

/** The history as it reads after `settle`, without reading it again. */
function afterSettling(seen: History, pending: Intent, outcome: Outcome): History {
  const { pending: _settled, leasedUntil: _expired, ...rest } = seen;
  const moved = outcome.result === "applied";
  return {
    ...rest,
    version: seen.version + 1,
    entries: [{ intent: pending, outcome }, ...seen.entries.filter(({ intent }) => intent.id !== pending.id)],
    ...(moved && pending.direction === "out" && { lastScaleOut: pending.at }),
    ...(moved && pending.direction === "in" && { lastScaleIn: pending.at }),
  };
}
