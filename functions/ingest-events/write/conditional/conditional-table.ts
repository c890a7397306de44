import {
  BatchExecuteStatementCommand,
  type BatchStatementError,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { inParallel } from "../../../../shared/aws/in-parallel.ts";
import type { StreamPolicy } from "../../config/policy.ts";
import type { Write } from "../../plan/item.ts";
import { elements, jsonOf, member } from "../../plan/json-bytes.ts";
import type { StoredItem } from "../../plan/stored-item.ts";
import { compareVersions } from "../../plan/version.ts";
import { type Answer, type Answers, answerTo, answerToStatement, type Table } from "../answer.ts";
import { AnswerTooLarge, ConditionFailed, callWithJson } from "../json-call.ts";
import { insertStatement, replaceStatement, type StatementJson } from "./statements.ts";
import { type Found, keyJson, MAX_READ_BYTES, NOT_READ, StoredItems } from "./stored-items.ts";

type Policy = Pick<StreamPolicy, "table" | "key" | "version">;

/** Puts of one call at once. */
const PUTS_IN_FLIGHT = 4;

/** What the answer to one put may bring of what stands there: several come at once. What is larger is read by itself. */
const MAX_PUT_ANSWER_BYTES = 512 * 1024;

/** A write and its place in the call. */
interface Placed {
  readonly index: number;
  readonly write: Write;
}

/** A write and what is to be sent for it. */
interface Planned extends Placed {
  readonly statement: StatementJson;
}

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
  readonly #stored: StoredItems;

  constructor(client: DynamoDBClient, policy: Policy) {
    this.#client = client;
    this.#policy = policy;
    this.#stored = new StoredItems(client, policy);
  }

  async write(writes: readonly Write[], signal: AbortSignal): Promise<Answers> {
    const placed = writes.map((write, index) => ({ index, write }));
    const answers = placed.length > 1 ? await this.#writeTogether(placed, signal) : new Map<number, Answer>();
    const left = placed.filter(({ index }) => !answers.has(index));
    for (const [index, answer] of await this.#writeApart(left, signal)) answers.set(index, answer);
    return writes.map((_write, index) => answers.get(index) ?? NOT_READ);
  }

  /** @returns no answer for what has to go by itself. */
  async #writeTogether(placed: readonly Placed[], signal: AbortSignal): Promise<Map<number, Answer>> {
    const writes = placed.map(({ write }) => write);
    const read: Found =
      this.#policy.version === undefined ? new Map() : await this.#stored.read(writes, "eventual", signal);
    const answers = new Map<number, Answer>();
    const planned: Planned[] = [];
    for (const { index, write } of placed) {
      const found = read.get(write.key);
      const stored = found?.kind === "exists" ? found.stored : undefined;
      if (found !== undefined && (stored === undefined || !this.#isLater(write, stored))) {
        answers.set(index, found);
        continue;
      }
      const statement = write.action === "put" ? this.#statement(write, stored) : undefined;
      if (statement !== undefined) planned.push({ index, write, statement });
    }
    for (const [index, answer] of await this.#execute(planned, signal)) answers.set(index, answer);
    return answers;
  }

  #statement(write: Write, stored: StoredItem | undefined): StatementJson | undefined {
    return stored === undefined
      ? insertStatement(write, this.#policy.table)
      : replaceStatement(write, this.#policy, stored);
  }

  #isLater({ version }: Write, stored: StoredItem): boolean {
    const attribute = this.#policy.version?.attribute ?? "";
    const order = version && compareVersions(version, stored.pick([attribute])[attribute]);
    return order !== undefined && order > 0;
  }

  /**
   * Executes statements, and finds out what stands in the place of what was there before.
   * @returns no answer for one that is refused: it may be for the statement's own sake, and PutItem has the last word.
   */
  async #execute(planned: readonly Planned[], signal: AbortSignal): Promise<Map<number, Answer>> {
    const answers = new Map<number, Answer>();
    if (planned.length === 0) return answers;
    const errors = await this.#statements(planned, signal);
    const existing: Planned[] = [];
    for (const [place, one] of planned.entries()) {
      const answer = "kind" in errors ? errors : this.#answerOf(errors[place]);
      if (answer === "exists") existing.push(one);
      else if (answer.kind !== "refused") answers.set(one.index, answer);
    }
    if (existing.length === 0) return answers;
    const read = await this.#stored.read(
      existing.map(({ write }) => write),
      "consistent",
      signal,
    );
    for (const { index, write } of existing) answers.set(index, this.#whyNot(write, read));
    return answers;
  }

  /**
   * Why a write's condition did not hold. What stood there is gone since (DynamoDB deleted it after its time, or somebody did),
   * or is older than the write: that is tried again.
   */
  #whyNot(write: Write, read: Found): Answer {
    const found = read.get(write.key);
    return found?.kind === "exists" && !this.#isLater(write, found.stored) ? found : NOT_READ;
  }

  /** One error a statement, `undefined` where it was done; or one answer for all of them. */
  async #statements(
    planned: readonly Planned[],
    abortSignal: AbortSignal,
  ): Promise<readonly (BatchStatementError | undefined)[] | Answer> {
    const { table } = this.#policy;
    const statements = planned.flatMap(({ statement }, index) =>
      index === 0 ? [statement] : [",", statement],
    );
    // The table's name is all that a trace needs of it.
    const command = new BatchExecuteStatementCommand({ Statements: [{ Statement: `"${table}"` }] });
    const body = jsonOf('{"Statements":[', ...statements, "]}");
    try {
      const answer = await callWithJson(this.#client, { command, body }, abortSignal);
      const responses = [...elements(member(answer, "Responses") ?? NONE)];
      // An answer for each, or nothing is known.
      if (responses.length !== planned.length) return { kind: "again", mayBeApplied: true };
      return responses.map((response) => errorOf(response));
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
   * Writes one by one, few at once. What stands in their place is held until all have their answer, so once it is much, the
   * rest is left for the next time.
   */
  async #writeApart(placed: readonly Placed[], signal: AbortSignal): Promise<Map<number, Answer>> {
    const answers = new Map<number, Answer>();
    let heldBytes = 0;
    const settle = (index: number, answer: Answer) => {
      answers.set(index, answer);
      if (answer.kind === "exists") heldBytes += answer.stored.json.length;
    };
    const isFull = () => heldBytes > MAX_READ_BYTES;
    await inParallel(
      placed,
      PUTS_IN_FLIGHT,
      async ({ index, write }) => {
        const answer = await this.#writeAlone(write, signal);
        if (answer !== "exists") settle(index, answer);
      },
      () => !isFull(),
    );
    for (const { index, write } of placed) {
      if (answers.has(index) || isFull()) continue;
      const read = await this.#stored.read([write], "consistent", signal);
      settle(index, this.#whyNot(write, read));
    }
    return answers;
  }

  /** @returns `exists` where it is not known what stands there: it is large, or was not sent along. */
  async #writeAlone(write: Write, abortSignal: AbortSignal): Promise<Answer | "exists"> {
    const { table } = this.#policy;
    const isPut = write.action === "put";
    const what = isPut ? ['"Item":', write.item.json] : ['"Key":', keyJson(write, this.#policy)];
    const how = `,${this.#condition(write)},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`;
    const body = jsonOf(`{"TableName":${JSON.stringify(table)},`, ...what, how);
    const maxAnswerBytes = MAX_PUT_ANSWER_BYTES;
    try {
      if (isPut) {
        const command = new PutItemCommand({ TableName: table, Item: {} });
        await callWithJson(this.#client, { command, body, maxAnswerBytes }, abortSignal);
      } else {
        const command = new DeleteItemCommand({ TableName: table, Key: {} });
        await callWithJson(this.#client, { command, body, maxAnswerBytes }, abortSignal);
      }
      return { kind: "done" };
    } catch (error) {
      // AWS sends the item along with the failed condition; not everything that speaks its protocol does.
      if (error instanceof ConditionFailed && error.stored !== undefined) {
        return { kind: "exists", stored: error.stored };
      }
      if (error instanceof ConditionFailed || error instanceof AnswerTooLarge) return "exists";
      return answerTo(error, isPut ? "PutItem" : "DeleteItem", table);
    }
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

const NONE = Buffer.alloc(0);

/** What the answer to one statement says went wrong. */
function errorOf(response: Buffer): BatchStatementError | undefined {
  const error = member(response, "Error");
  if (error === undefined) return undefined;
  const [code, message] = ["Code", "Message"].map((name) => member(error, name)?.toString());
  const { Code, Message } = JSON.parse(`{"Code":${code ?? null},"Message":${message ?? '""'}}`);
  return { Code, Message };
}
