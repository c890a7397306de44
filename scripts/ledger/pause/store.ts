import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ResourceNotFoundException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { messageOf } from "../../../shared/errors/message-of.ts";
import { Blocked } from "../../../shared/lambda/errors.ts";
import type { Entry } from "../../../shared/ledger/entry.ts";
import { entryItem } from "../../../shared/ledger/items.ts";
import { outboxUpdate } from "../../../shared/ledger/outbox-item.ts";
import {
  PAUSE_TRAIL,
  PAUSES_KEY,
  type Pause,
  type Pauses,
  pauseAttribute,
  pausesOf,
} from "../../../shared/ledger/pauses.ts";
import type { Notification } from "../../../shared/notify/notification.ts";

const KEEP_MS = 90 * 24 * 3_600_000;

/** The ledger's table of a stage. */
export interface LedgerTable {
  readonly client: DynamoDBClient;
  readonly table: string;
}

export async function readPauses({ client, table }: LedgerTable): Promise<Pauses> {
  const get = new GetItemCommand({ TableName: table, Key: { ...PAUSES_KEY }, ConsistentRead: true });
  return pausesOf((await client.send(get)).Item);
}

/** What is written beside a pause or its end: the audit trail, and what people are notified of by the next sweep. */
export interface PauseRecord {
  readonly entry: Entry;
  readonly notification: Notification;
}

/** Writes the pause; it stands when this resolves. Pauses that are over are removed with it. */
export async function writePause(
  scope: string,
  pause: Pause,
  record: PauseRecord,
  ledger: LedgerTable,
): Promise<void> {
  const over = [...(await readPauses(ledger))].filter(
    ([other, { until }]) => other !== scope && until <= pause.at,
  );
  await update(scope, record, ledger, {
    set: ["#scope = :pause"],
    remove: over.map((_, at) => `#over${at}`),
    names: Object.fromEntries(over.map(([other], at) => [`#over${at}`, pauseAttribute(other)])),
    values: { ":pause": { S: JSON.stringify(pause) } },
  });
}

/** Ends a pause before its time. */
export const removePause = (scope: string, record: PauseRecord, ledger: LedgerTable): Promise<void> =>
  update(scope, record, ledger, { set: [], remove: ["#scope"], names: {}, values: {} });

interface Change {
  readonly set: readonly string[];
  readonly remove: readonly string[];
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, { readonly S: string }>>;
}

async function update(
  scope: string,
  { entry, notification }: PauseRecord,
  { client, table }: LedgerTable,
  { set, remove, names, values }: Change,
): Promise<void> {
  const outbox = outboxUpdate([{ notification, claimedUntil: 0 }], entry.intent.at);
  const parts = [
    `SET ${[...set, ...outbox.set].join(", ")}`,
    ...(remove.length > 0 ? [`REMOVE ${remove.join(", ")}`] : []),
  ];
  const write = new UpdateItemCommand({
    TableName: table,
    Key: { ...PAUSES_KEY },
    UpdateExpression: parts.join(" "),
    ExpressionAttributeNames: { ...names, ...outbox.names, "#scope": pauseAttribute(scope) },
    ExpressionAttributeValues: { ...values, ...outbox.values },
  });
  try {
    await client.send(write);
  } catch (error) {
    // It is the first write of each command that changes something: credentials that only read end here.
    if (!isAccessDenied(error)) throw error;
    throw new Blocked(`AWS: ${messageOf(error)}\nNothing was changed.`, { cause: error });
  }
  const Item = entryItem(`${PAUSE_TRAIL}${scope}`, entry, KEEP_MS);
  await client.send(new PutItemCommand({ TableName: table, Item }));
}

const isAccessDenied = (error: unknown): boolean =>
  error instanceof Error && error.name === "AccessDeniedException";

/** Whether check-sites keeps a site of this name; false for a stage that has no sites. */
export async function siteExists(scope: string, client: DynamoDBClient, table: string): Promise<boolean> {
  if (!scope.startsWith("site/")) return false;
  try {
    const get = new GetItemCommand({ TableName: table, Key: { pk: { S: scope } } });
    return (await client.send(get)).Item !== undefined;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}
