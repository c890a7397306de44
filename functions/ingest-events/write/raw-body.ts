import type {
  DynamoDBClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from "@aws-sdk/client-dynamodb";
import type { Command, HttpRequest } from "@smithy/types";

/**
 * Sends `body` as the JSON it is, and has the SDK do all the rest: endpoint, signature, connection, answer.
 *
 * DynamoDB's JSON is the command's input itself wherever that has no binary value, and no item of ours has
 * one; our items are JSON already. The SDK's serialiser, which looks every attribute up in a schema, takes longer than all other work on a
 * record together (bench/ingest/ingest.ts).
 *
 * @param command made without its items, so that the SDK has nothing to serialise.
 * @param body the whole of its input.
 */
export function withRawBody<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  command: Command<ServiceInputTypes, I, ServiceOutputTypes, O, DynamoDBClientResolvedConfig>,
  body: string,
): typeof command {
  command.middlewareStack.add(
    (next) => (args) => {
      // In the step `build` the request is made; its length and its signature come after this.
      const request = args.request as HttpRequest;
      return next({ ...args, request: Object.assign(request, { body }) });
    },
    { name: "BodyAsItStands", step: "build", priority: "high" },
  );
  return command;
}
