import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { asFailure } from "../aws/failure.ts";
import { RetryLater } from "../lambda/errors.ts";
import type { Entry, History, Intent } from "./entry.ts";
import { HEAD } from "./items.ts";
import type { ClaimedItem } from "./outbox.ts";
import { type OutboxEntry, outboxUpdate } from "./outbox-item.ts";

/** A right to act on one resource, until it expires. */
export interface Lease {
  readonly resource: string;
  readonly holder: string;
  readonly version: number;
  readonly intent: Intent;
  /** As the history had it. */
  readonly outbox: History["outbox"];
}

/** A condition on a write, with its values. */
export interface Condition {
  readonly expression: string;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** What ends an intent in doubt: its entry, and what goes into the outbox with it. */
export interface Close {
  readonly entry: Entry;
  readonly outgoing: OutboxEntry | undefined;
  /** Whether the head had something waiting before. */
  readonly outbox: History["outbox"];
}

/** The writes to a resource's head item: the lease, the intent in doubt, the last changes. Each is conditional. */
export class LedgerHead {
  readonly #client: DynamoDBClient;
  readonly #table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /**
   * Takes the lease and writes the intent.
   *
   * @param leaseMs how long the lease holds
   * @throws {RetryLater} another run holds it, has acted since, or left an intent that is not recovered yet
   */
  async take(
    { resource, holder, version, intent }: Lease,
    leaseMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const update = {
      UpdateExpression: "SET version = :version, leaseHolder = :me, leasedUntil = :until, pending = :intent",
      // The holder's own second attempt, when the answer to the first one was lost, is let through.
      ConditionExpression:
        "(attribute_not_exists(version) OR version = :version) AND (attribute_not_exists(pending) OR leaseHolder = :me)",
      ExpressionAttributeValues: {
        ":version": { N: String(version) },
        ":me": { S: holder },
        ":until": { N: String(intent.at + leaseMs) },
        ":intent": { S: JSON.stringify(intent) },
      },
    };
    try {
      await this.#update(resource, update, signal);
    } catch (error) {
      throw overtaken(
        error,
        resource,
        `another run is acting on ${resource}, or acted since this one looked: nothing was changed by this run; the next one looks again`,
      );
    }
  }

  /** The lease of a change that was not begun. One that cannot be given back runs out, and its intent is recovered as lost. */
  async giveBack({ resource, holder }: Lease, signal?: AbortSignal): Promise<void> {
    const update = {
      UpdateExpression: "REMOVE leaseHolder, leasedUntil, pending",
      ConditionExpression: "leaseHolder = :me",
      ExpressionAttributeValues: { ":me": { S: holder } },
    };
    await this.#update(resource, update, signal).catch(() => {});
  }

  /**
   * Ends the intent in doubt, and gives the lease back; only while `condition` holds.
   *
   * @throws {ConditionalCheckFailedException} where it does not
   */
  async close(
    resource: string,
    { entry: { intent, outcome }, outgoing, outbox }: Close,
    condition: Condition,
    signal?: AbortSignal,
  ): Promise<ClaimedItem | undefined> {
    const last = intent.direction === "out" ? "lastScaleOut" : "lastScaleIn";
    const moved = outcome.result === "applied" && intent.direction !== "none";
    const { set, names, values, mark } = outboxUpdate(outgoing ? [outgoing] : [], outcome.at);
    const sets = ["version = version + :one", ...(moved ? [`${last} = :at`] : []), ...set];
    const update = {
      UpdateExpression: `SET ${sets.join(", ")} REMOVE leaseHolder, leasedUntil, pending`,
      ConditionExpression: condition.expression,
      ...(outgoing && { ExpressionAttributeNames: { ...names } }),
      ExpressionAttributeValues: {
        ...condition.values,
        ...values,
        ":one": { N: "1" },
        ...(moved && { ":at": { N: String(intent.at) } }),
      },
    };
    await this.#update(resource, update, signal);
    if (!outgoing) return undefined;
    const rest = outbox === "waiting" ? "some" : "none";
    return { resource, sortKey: HEAD, mark, notifications: [outgoing.notification], rest };
  }

  /** Notes that the resource was seen in the middle of a change; `at` in ms since the epoch. */
  async noteChanging(resource: string, at: number, signal?: AbortSignal): Promise<void> {
    const update = {
      UpdateExpression: "SET lastSeenChanging = :at",
      ExpressionAttributeValues: { ":at": { N: String(at) } },
    };
    await this.#update(resource, update, signal);
  }

  /** @throws {ConditionalCheckFailedException} where the condition does not hold */
  async #update(
    resource: string,
    update: Omit<UpdateItemCommandInput, "TableName" | "Key">,
    signal?: AbortSignal,
  ): Promise<void> {
    const Key = { pk: { S: resource }, sk: { S: HEAD } };
    const command = new UpdateItemCommand({ TableName: this.#table, Key, ...update });
    try {
      await this.#client.send(command, { abortSignal: signal });
    } catch (error) {
      throw unlessConditional(error, "dynamodb:UpdateItem", resource);
    }
  }
}

/** A condition that does not hold is for whoever set it; anything else is the table's own failure. */
export function unlessConditional(error: unknown, call: string, resource: string): unknown {
  return error instanceof ConditionalCheckFailedException ? error : asFailure(error, call, resource);
}

/** Where the head's condition did not hold, another run was there first. */
export function overtaken(error: unknown, resource: string, what: string): unknown {
  if (!(error instanceof ConditionalCheckFailedException)) return error;
  return new RetryLater(what, { resource, call: "dynamodb:UpdateItem", cause: error });
}

/** Whether it is only that another run has the lease, or was faster: that run does what there is to do, or the next one finds what it left. */
export const isOvertaken = ({ cause }: Error): boolean => cause instanceof ConditionalCheckFailedException;
