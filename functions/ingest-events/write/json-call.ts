import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type DynamoDBClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-dynamodb";
import type { Command, HttpRequest, HttpResponse } from "@smithy/types";
import { traceCall } from "../../../shared/tracing/aws-calls.ts";
import { withoutTrace } from "../../../shared/tracing/subsegment.ts";
import { isWholeObject, members } from "../plan/json-bytes.ts";
import { StoredItem } from "../plan/stored-item.ts";
import { metadataOf, type PreparedRequest, preparedRequest, prepareRequest } from "./prepared-request.ts";

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
  readonly body: Buffer;
  /** Of the answer; an item of DynamoDB, as JSON, is never so large when absent. */
  readonly maxAnswerBytes?: number;
}

/**
 * Sends a call's JSON as it is and returns that of the answer. The first call of an operation goes the SDK's whole way. From then
 * on the SDK signs and sends; and whatever is no success goes back to it, so that the error is its own.
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
  call: JsonCall<I, O>,
  abortSignal: AbortSignal,
): Promise<Buffer> {
  const exchange = new Exchange(client, call, abortSignal);
  const prepared = preparedRequest(client, call.command);
  if (prepared === undefined) await exchange.askWholeWay();
  else await exchange.ask(prepared);
  // An answer that says nothing must not be taken for one that says that all is done.
  const { answer } = exchange;
  if (answer === undefined || !isWholeObject(answer)) throw new SyntaxError("the answer is no JSON object");
  return answer;
}

/** One call and its answer. */
class Exchange<I extends ServiceInputTypes, O extends ServiceOutputTypes> {
  /** Of a call that went well. */
  answer: Buffer | undefined;
  #stored: StoredItem | undefined;
  readonly #client: DynamoDBClient;
  readonly #call: JsonCall<I, O>;
  readonly #signal: AbortSignal;

  constructor(client: DynamoDBClient, call: JsonCall<I, O>, signal: AbortSignal) {
    this.#client = client;
    this.#call = call;
    this.#signal = signal;
  }

  async ask(prepared: PreparedRequest): Promise<void> {
    const { command, body } = this.#call;
    const request = prepared.request(body);
    await this.#failingAsOurs(() =>
      traceCall(
        { ...prepared.call, input: command.input, request },
        async () => {
          const response = await prepared.send(request, this.#signal);
          if (response.statusCode < 300) this.answer = await this.#read(response);
          // It throws. The subsegment of this call is open already.
          else await withoutTrace(() => this.#send(response));
          return response;
        },
        metadataOf,
      ),
    );
  }

  async askWholeWay(): Promise<void> {
    await this.#failingAsOurs(() => this.#send());
  }

  /** @param answered what DynamoDB has answered already: then nothing is sent. */
  async #send(answered?: HttpResponse): Promise<void> {
    const { command, body } = this.#call;
    let given = answered;
    sendBody(command, body.toString());
    command.middlewareStack.add(
      (next) => async (args) => {
        const result = given === undefined ? await next(args) : { response: given };
        given = undefined;
        const response = result.response as HttpResponse;
        if (response.statusCode < 300) {
          this.answer = await this.#read(response);
          response.body = NOTHING;
          await prepareRequest(this.#client, command, args.request as HttpRequest);
        } else {
          const { item, rest } = withoutItem(await this.#read(response));
          this.#stored = item;
          response.body = rest;
        }
        return result;
      },
      // The last before the request is sent is the first to have the answer.
      { name: "AnswerAsItStands", step: "deserialize", priority: "low" },
    );
    await this.#client.send(command, { abortSignal: this.#signal });
  }

  #read({ body }: HttpResponse): Promise<Buffer> {
    return readUpTo(body, this.#call.maxAnswerBytes ?? Number.POSITIVE_INFINITY);
  }

  async #failingAsOurs(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      throw new ConditionFailed(this.#stored, { cause: error });
    }
  }
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
