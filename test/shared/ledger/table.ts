import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CHANGES_INDEX, CHANGES_KEYS } from "../../../shared/ledger/changes-index.ts";
import { createOutbox, type Outbox } from "../../../shared/ledger/outbox.ts";
import { OUTBOX_INDEX, OUTBOX_KEYS } from "../../../shared/ledger/outbox-index.ts";
import { PAUSES_KEY, pauseAttribute } from "../../../shared/ledger/pauses.ts";
import { startDynamoDb } from "../dynalite.ts";

/** A DynamoDB of this process with the ledger's table in it, and the real client. */
export interface LedgerTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly outbox: Outbox;
  /** The operations the client has sent, in order: `Query`. */
  readonly calls: string[];
  /** Makes another, empty table; answers with its name. */
  another(): Promise<string>;
  stop(): Promise<void>;
}

export async function startLedgerTable(): Promise<LedgerTable> {
  const { client, createTable, stop } = await startDynamoDb();
  const create = (name: string) =>
    createTable(
      name,
      ["pk", "sk"],
      { name: OUTBOX_INDEX, keys: [OUTBOX_KEYS.partition, OUTBOX_KEYS.sort] },
      { name: CHANGES_INDEX, keys: [CHANGES_KEYS.partition, CHANGES_KEYS.sort] },
    );
  const table = await create("reflex-test-ledger");
  let tables = 1;
  const calls: string[] = [];
  client.middlewareStack.add(
    (next, context) => (args) => {
      calls.push((context.commandName ?? "").replace(/Command$/, ""));
      return next(args);
    },
    { step: "initialize", name: "CountCalls" },
  );
  return {
    client,
    table,
    outbox: createOutbox(client, { table, keepMs: 1e9 }),
    calls,
    another: () => {
      tables += 1;
      return create(`reflex-test-ledger-${tables}`);
    },
    stop,
  };
}

/** Writes a pause as `reflex pause` does: by anna, for a deploy; times in ms since the epoch. */
export async function pauseIn(
  client: DynamoDBClient,
  table: string,
  scope: string,
  { at = 0, until }: { readonly at?: number; readonly until: number },
): Promise<void> {
  const pause = { at, until, by: "arn:aws:sts::123456789012:assumed-role/admin/anna", why: "a deploy" };
  const Item = { ...PAUSES_KEY, [pauseAttribute(scope)]: { S: JSON.stringify(pause) } };
  await client.send(new PutItemCommand({ TableName: table, Item }));
}
