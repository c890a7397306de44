import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type DynamoDBClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-dynamodb";
import type { Command, HttpRequest, HttpResponse } from "@smithy/types";
import { isWholeObject, members } from "../plan/json-bytes.ts";
import { StoredItem } from "../plan/stored-item.ts";

/** The answer was not read to its end. */
export class AnswerTooLarge extends Error {
  constructor(bytes: number) {
    super(`the answer has more than ${bytes} bytes`);
  }
}

/** The condition of a write does not hold. */
export class ConditionFailed extends Error {
  /** What stands there, if DynamoDB sent it along. */
  readonly stored: StoredItem | undefined;

  constructor(stored: StoredItem | undefined, options: ErrorOptions) {
    super("the condition of the write does not hold", options);
    this.stored = stored;
  }
}

type DynamoCommand<I extends ServiceInputTypes, O extends ServiceOutputTypes> = Command<
  ServiceInputTypes,
  I,
  ServiceOutputTypes,
  O,
  DynamoDBClientResolvedConfig
>;

/** One call, as JSON. */
export interface JsonCall<I extends ServiceInputTypes, O extends ServiceOutputTypes> {
  /** Made without its items, so that the SDK has nothing to serialise. */
  readonly command: DynamoCommand<I, O>;
  /** The whole of its input. */
  readonly body: string;
  /** Of the answer; an item of DynamoDB, as JSON, is never so large when absent. */
  readonly maxAnswerBytes?: number;
}

/**
 * Sends a call's JSON as it is and returns that of the answer. The SDK does all the rest: endpoint, signature, connection,
 * errors.
 *
 * DynamoDB's JSON is the command's input itself wherever that has no binary value, and no item of ours has one; our items are
 * JSON already. The SDK's serialiser, which looks every attribute up in a schema, takes longer than all other work on a
 * record together (bench/ingest/ingest.ts), and what it makes of an answer up to 70 times the answer's memory.
 *
 * @throws AnswerTooLarge
 * @throws ConditionFailed in place of `ConditionalCheckFailedException`
 */
export async function callWithJson<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  client: DynamoDBClient,
  { command, body, maxAnswerBytes = Number.POSITIVE_INFINITY }: JsonCall<I, O>,
  abortSignal: AbortSignal,
): Promise<Buffer> {
  let answer: Buffer | undefined;
  let stored: StoredItem | undefined;
  sendBody(command, body);
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as HttpResponse;
      const bytes = await readUpTo(response.body, maxAnswerBytes);
      if (response.statusCode < 300) {
        answer = bytes;
        response.body = NOTHING;
      } else {
        const failure = withoutItem(bytes);
        stored = failure.item;
        response.body = failure.rest;
      }
      return result;
    },
    // The last before the request is sent is the first to have the answer.
    { name: "AnswerAsItStands", step: "deserialize", priority: "low" },
  );
  try {
    await client.send(command, { abortSignal });
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    throw new ConditionFailed(stored, { cause: error });
  }
  // An answer that says nothing must not be taken for one that says that all is done.
  if (answer === undefined || !isWholeObject(answer)) throw new SyntaxError("the answer is no JSON object");
  return answer;
}

function sendBody<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  command: DynamoCommand<I, O>,
  body: string,
): void {
  command.middlewareStack.add(
    (next) => (args) => {
      // In the step `build` the request is made; its length and its signature come after this.
      const request = args.request as HttpRequest;
      return next({ ...args, request: Object.assign(request, { body }) });
    },
    { name: "BodyAsItStands", step: "build", priority: "high" },
  );
}

const NOTHING = Buffer.from("{}");

async function readUpTo(body: Uint8Array | AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // What ends the loop early destroys the stream, and with it the connection.
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new AnswerTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The item of a failed condition, and what the SDK is to make the error of. */
function withoutItem(json: Buffer): { readonly item?: StoredItem; readonly rest: Buffer } {
  if (!json.includes("ConditionalCheckFailed")) return { rest: json };
  const all = [...members(json)];
  const [, item] = all.find(([name]) => name === "Item") ?? [];
  if (item === undefined) return { rest: json };
  const rest = all.filter(([name]) => name !== "Item");
  const text = rest.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",");
  return { item: new StoredItem(item), rest: Buffer.from(`{${text}}`) };
}
