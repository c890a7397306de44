import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchStatementError,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { StreamPolicy } from "../config/policy.ts";
import { type Item, itemText, valueText } from "../plan/encoded-item.ts";
import type { Write } from "../plan/item.ts";
import { compareVersions } from "../plan/version.ts";
import {
  type Answer,
  type Answers,
  answerTo,
  answerToStatement,
  existsAnswer,
  type Table,
} from "./answer.ts";
import { AnswerTooLarge, withAnswerLimit } from "./answer-limit.ts";
import { keyOfAttributes, keyOfItem } from "./key-text.ts";
import { withRawBody } from "./raw-body.ts";
import { insertStatement, replaceStatement, type StatementText } from "./statements.ts";

type Policy = Pick<StreamPolicy, "table" | "key" | "version">;

/** Puts of one call at once. */
const PUTS_IN_FLIGHT = 4;

const MAX_KEYS_A_READ = 25;
/**
 * What one read of several items may bring: those of the batch before, which it may all be compared with, have 2 MiB together
 * (batches.ts). Others may have 4 MB each, as JSON.
 */
const MAX_READ_BYTES = 4 * 1024 * 1024;

/** A write and what is to be sent for it. */
interface Planned {
  readonly index: number;
  readonly write: Write;
  readonly statement: StatementText;
}

type Consistency = "eventual" | "consistent";
/** By the writes' keys. */
type Found = Map<string, Answer>;
/** The write is tried again, and it is read again then. */
const NOT_READ: Answer = { kind: "again", mayBeApplied: false };

/**
 * Writes on condition that nothing stands there (`append-once`), or nothing as late (`latest`): up to 25 writes in one
 * `BatchExecuteStatement`, which answers for each. In `latest` what stands there is read first, and replaced if it is
 * still the same. What cannot be said in a statement, or is alone, goes by a `PutItem` of its own; and each delete by a
 * `DeleteItem`, which is done as well where nothing stands there.
 */
export class ConditionalTable implements Table {
  readonly maxWrites = 25;
  readonly callsInFlight = 8;
  readonly #client: DynamoDBClient;
  readonly #policy: Policy;
  /** Keys that one read asks for: fewer while what stands there is large. */
  #keysARead = MAX_KEYS_A_READ;

  constructor(client: DynamoDBClient, policy: Policy) {
    this.#client = client;
    this.#policy = policy;
  }

  async write(writes: readonly Write[], signal: AbortSignal): Promise<Answers> {
    const [only, ...others] = writes;
    if (only === undefined) return [];
    if (others.length === 0) return [await this.#writeAlone(only, signal)];
    const { version } = this.#policy;
    const read =
      version === undefined ? new Map<string, Answer>() : await this.#read(writes, "eventual", signal);
    const answers: Answer[] = [];
    const planned: Planned[] = [];
    const alone: { readonly index: number; readonly write: Write }[] = [];
    for (const [index, write] of writes.entries()) {
      const found = read.get(write.key);
      const stored = found?.kind === "exists" ? found.stored : undefined;
      if (found !== undefined && (stored === undefined || !this.#isLater(write, stored))) {
        answers[index] = found;
        continue;
      }
      const statement = write.action === "put" ? this.#statement(write, stored) : undefined;
      if (statement !== undefined) planned.push({ index, write, statement });
      else alone.push({ index, write });
    }
    const [executed, put] = await Promise.all([
      this.#execute(planned, signal),
      // Few at once: each may bring an item of 400 KB.
      inParallel(alone, PUTS_IN_FLIGHT, ({ write }) => this.#writeAlone(write, signal)),
    ]);
    for (const [index, answer] of executed) answers[index] = answer;
    for (const [place, { index }] of alone.entries()) answers[index] = put[place] as Answer;
    return answers;
  }

  #statement(write: Write, stored: Item | undefined): StatementText | undefined {
    return stored === undefined
      ? insertStatement(write, this.#policy.table)
      : replaceStatement(write, this.#policy, stored);
  }

  #isLater({ version }: Write, stored: Item): boolean {
    const order = version && compareVersions(version, stored[this.#policy.version?.attribute ?? ""]);
    return order !== undefined && order > 0;
  }

  /** Executes statements, and finds out what stands in the place of what was there before. */
  async #execute(planned: readonly Planned[], signal: AbortSignal): Promise<Map<number, Answer>> {
    const answers = new Map<number, Answer>();
    if (planned.length === 0) return answers;
    const errors = await this.#statements(planned, signal);
    const existing: Planned[] = [];
    for (const [place, one] of planned.entries()) {
      const answer = "kind" in errors ? errors : this.#answerOf(errors[place]);
      if (answer === "exists") existing.push(one);
      // The last word about an item has PutItem: a statement may be refused for its own sake.
      else if (answer.kind === "refused") answers.set(one.index, await this.#writeAlone(one.write, signal));
      else answers.set(one.index, answer);
    }
    if (existing.length === 0) return answers;
    const read = await this.#read(
      existing.map(({ write }) => write),
      "consistent",
      signal,
    );
    for (const { index, write } of existing) {
      const found = read.get(write.key);
      // Gone since (DynamoDB deleted it after its time, or somebody did), or older than this: try the write again.
      const isDecided = found?.kind === "exists" && !this.#isLater(write, found.stored);
      answers.set(index, isDecided ? found : { kind: "again", mayBeApplied: false });
    }
    return answers;
  }

  /** One error a statement, `undefined` where it was done; or one answer for all of them. */
  async #statements(
    planned: readonly Planned[],
    abortSignal: AbortSignal,
  ): Promise<readonly (BatchStatementError | undefined)[] | Answer> {
    const { table } = this.#policy;
    const texts = planned.map(({ statement }) => statement);
    const command = withRawBody(
      // The table's name is all that a trace needs of it.
      new BatchExecuteStatementCommand({ Statements: [{ Statement: `"${table}"` }] }),
      `{"Statements":[${texts.join(",")}]}`,
    );
    try {
      const { Responses = [] } = await this.#client.send(command, { abortSignal });
      // An answer for each, or nothing is known.
      if (Responses.length !== planned.length) return { kind: "again", mayBeApplied: true };
      return Responses.map(({ Error: error }) => error);
    } catch (error) {
      return answerTo(error, "BatchExecuteStatement", table);
    }
  }

  #answerOf(error: BatchStatementError | undefined): Answer | "exists" {
    if (error === undefined) return { kind: "done" };
    if (error.Code === "ConditionalCheckFailed") return { kind: "again", mayBeApplied: false };
    return error.Code === "DuplicateItem" ? "exists" : answerToStatement(error, this.#policy.table);
  }

  /**
   * What stands there now, by the writes' keys; nothing for a key that has no item, and `again` for one that was not read.
   * @param consistency `eventual` costs half. Versions only grow, so what it finds later than a write is later; and where
   * it finds too little, the statement's own condition fails.
   */
  async #read(writes: readonly Write[], consistency: Consistency, signal: AbortSignal): Promise<Found> {
    const some = writes.slice(0, this.#keysARead);
    const found: Found = new Map(writes.slice(some.length).map(({ key }) => [key, NOT_READ]));
    try {
      for (const [key, answer] of await this.#readAtOnce(some, consistency, signal)) found.set(key, answer);
      this.#keysARead = Math.min(2 * this.#keysARead, MAX_KEYS_A_READ);
    } catch (error) {
      if (error instanceof AnswerTooLarge) {
        this.#keysARead = Math.ceil(some.length / 2);
        return this.#read(writes, consistency, signal);
      }
      const answer = answerTo(error, "BatchGetItem", this.#policy.table);
      // Nothing was written; a key that DynamoDB does not take is found by the write itself.
      if (answer.kind === "again") for (const { key } of some) found.set(key, NOT_READ);
    }
    return found;
  }

  /** @throws AnswerTooLarge where several items are too large to be read together. */
  async #readAtOnce(
    writes: readonly Write[],
    consistency: Consistency,
    abortSignal: AbortSignal,
  ): Promise<Found> {
    const { table, key } = this.#policy;
    const byKey = new Map(writes.map((write) => [keyOfItem(write.item, key), write.key]));
    const keys = writes.map((write) => this.#key(write));
    const command = withRawBody(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [] } } }),
      `{"RequestItems":{${JSON.stringify(table)}:{"Keys":[${keys.join(",")}],"ConsistentRead":${consistency === "consistent"}}}}`,
    );
    // One item is never too large.
    if (writes.length > 1) withAnswerLimit(command, MAX_READ_BYTES);
    const { Responses, UnprocessedKeys } = await this.#client.send(command, { abortSignal });
    const found: Found = new Map();
    for (const stored of Responses?.[table] ?? []) {
      found.set(byKey.get(keyOfAttributes(stored, key)) ?? "", existsAnswer(stored));
    }
    for (const left of UnprocessedKeys?.[table]?.Keys ?? []) {
      found.set(byKey.get(keyOfAttributes(left, key)) ?? "", NOT_READ);
    }
    return found;
  }

  async #writeAlone(write: Write, abortSignal: AbortSignal): Promise<Answer> {
    const { table } = this.#policy;
    const operation = write.action === "put" ? "PutItem" : "DeleteItem";
    try {
      await this.#sendAlone(write, abortSignal);
      return { kind: "done" };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) return answerTo(error, operation, table);
      if (error.Item) return existsAnswer(error.Item);
      // AWS sends the item along with the failed condition; not everything that speaks its protocol does.
      const read = await this.#read([write], "consistent", abortSignal);
      return read.get(write.key) ?? { kind: "again", mayBeApplied: false };
    }
  }

  async #sendAlone(write: Write, abortSignal: AbortSignal): Promise<void> {
    const { table } = this.#policy;
    const isPut = write.action === "put";
    const what = isPut ? `"Item":${itemText(write.item)}` : `"Key":${this.#key(write)}`;
    const body = `{"TableName":${JSON.stringify(table)},${what},${this.#condition(write)},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`;
    if (isPut) {
      const command = withRawBody(new PutItemCommand({ TableName: table, Item: {} }), body);
      await this.#client.send(command, { abortSignal });
    } else {
      const command = withRawBody(new DeleteItemCommand({ TableName: table, Key: {} }), body);
      await this.#client.send(command, { abortSignal });
    }
  }

  /** The item's key as JSON. */
  #key({ item }: Write): string {
    const members = this.#policy.key.map(
      ({ attribute }) => `${JSON.stringify(attribute)}:${valueText(item, attribute)}`,
    );
    return `{${members.join(",")}}`;
  }

  /** Members of a PutItem or DeleteItem, as JSON. */
  #condition({ version }: Write): string {
    const [partition] = this.#policy.key;
    const names = { "#k": partition.attribute };
    const condition =
      version === undefined
        ? { ConditionExpression: "attribute_not_exists(#k)", ExpressionAttributeNames: names }
        : {
            ConditionExpression: "attribute_not_exists(#k) OR #v < :v",
            ExpressionAttributeNames: { ...names, "#v": this.#policy.version?.attribute },
            ExpressionAttributeValues: { ":v": version },
          };
    return JSON.stringify(condition).slice(1, -1);
  }
}
