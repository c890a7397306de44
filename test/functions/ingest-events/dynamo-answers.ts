import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import { EncodedItem, type Item } from "../../../functions/ingest-events/plan/encoded-item.ts";
import { StoredItem } from "../../../functions/ingest-events/plan/stored-item.ts";
import type { Answers } from "../../../functions/ingest-events/write/answer.ts";

/** What DynamoDB answers, as JSON; `__type` makes it an error. */
type Answered = object | string;

/** A request as DynamoDB would get it. */
interface AskedRequest {
  readonly operation: string;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}

/**
 * A client whose calls are answered by operation, each by the next that was given for it; the last is given again and again. The
 * calls are made through all of the SDK, and nothing is sent.
 */
export function answeredClient() {
  const answers = new Map<string, Answered[]>();
  const operations: string[] = [];
  const requests: AskedRequest[] = [];
  const handle = async (
    { headers, body }: HttpRequest,
    { abortSignal }: { readonly abortSignal?: AbortSignal } = {},
  ) => {
    const operation = String(headers["x-amz-target"]).split(".").at(-1) ?? "";
    operations.push(operation);
    requests.push({ operation, body: JSON.parse(String(body)), signal: abortSignal });
    const given = answers.get(operation) ?? [];
    const answer = given.length > 1 ? given.shift() : given[0];
    if (answer === undefined) throw new Error(`no answer to ${operation}`);
    const text = typeof answer === "string" ? answer : JSON.stringify(answer);
    const statusCode = typeof answer === "object" && "__type" in answer ? 400 : 200;
    return { response: new HttpResponse({ statusCode, headers: {}, body: Buffer.from(text) }) };
  };
  return {
    client: new DynamoDBClient({ maxAttempts: 1, requestHandler: { handle } as never }),
    operations,
    requests,
    on: (operation: string, ...given: Answered[]) => void answers.set(operation, given),
    reset: () => {
      answers.clear();
      operations.splice(0);
      requests.splice(0);
    },
  };
}

export function storedItem(item: Item): StoredItem {
  return new StoredItem(Buffer.from(JSON.stringify(item)));
}

/** An item as it is sent. */
export function encodedItem(item: Item): EncodedItem {
  const bounds: number[] = [];
  let json = "{";
  for (const [name, value] of Object.entries(item)) {
    json += `${json === "{" ? "" : ","}${JSON.stringify(name)}:`;
    bounds.push(Buffer.byteLength(json));
    json += JSON.stringify(value);
    bounds.push(Buffer.byteLength(json));
  }
  return new EncodedItem(Object.keys(item), Buffer.from(`${json}}`), bounds);
}

/** Answers with what stands there as DynamoDB's own objects. */
export function readable(answers: Answers) {
  if ("refusedTogether" in answers) return answers;
  return answers.map((answer) =>
    answer.kind === "exists" ? { ...answer, stored: answer.stored.attributes } : answer,
  );
}
