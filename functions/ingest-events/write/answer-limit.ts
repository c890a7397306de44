import type {
  DynamoDBClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from "@aws-sdk/client-dynamodb";
import type { Command, HttpResponse } from "@smithy/types";

/** The answer was not read to its end. */
export class AnswerTooLarge extends Error {
  constructor(bytes: number) {
    super(`the answer has more than ${bytes} bytes`);
  }
}

/**
 * Has the SDK read an answer only up to so many bytes.
 * @throws AnswerTooLarge (from `send`) for one that is larger.
 */
export function withAnswerLimit<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  command: Command<ServiceInputTypes, I, ServiceOutputTypes, O, DynamoDBClientResolvedConfig>,
  maxBytes: number,
): typeof command {
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as HttpResponse;
      response.body = await readUpTo(response.body, maxBytes);
      return result;
    },
    // The last before the request is sent is the first to have the answer.
    { name: "AnswerLimit", step: "deserialize", priority: "low" },
  );
  return command;
}

async function readUpTo(body: Uint8Array | AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
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
